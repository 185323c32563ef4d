-- Prepended to every script that needs the time.

-- clock(skew) gives two moments in microseconds since 1970. raw is Redis' own
-- TIME: the rate lives on it, because Teams counts real seconds, and so do leases, because
-- a worker does not die when a clock leaps. now adds the
-- skew of a controllable clock: due moments and pauses live on it.
local function clock(skew)
  local t = redis.call('TIME')
  local raw = tonumber(t[1]) * 1000000 + tonumber(t[2])
  return raw, raw + tonumber(skew)
end

-- int(x) writes a moment exactly: Lua's own conversion keeps 14 digits, and
-- microseconds since 1970 have 16.
local function int(x)
  return string.format('%.0f', x)
end
