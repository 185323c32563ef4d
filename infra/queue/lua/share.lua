-- Prepended to every script that needs the rate in force.

-- share_now(...) is the part of its rate that a tenant may use. Slow halves it and holds it; after
-- the hold it climbs back to all of it in `recovery` microseconds.
--   share  what Slow left, 0 to 1, or nothing  hold  moment until which it is held
local function share_now(now, share, hold, recovery)
  local s, since = tonumber(share or 1), now - tonumber(hold or 0)
  if s >= 1 or since >= recovery then
    return 1
  end
  if since <= 0 then
    return s
  end
  return s + (1 - s) * since / recovery
end

-- rate_now(...) is the rate in force, at least 1. No rate stays none.
local function rate_now(rate, now, share, hold, recovery)
  if rate <= 1 then
    return rate
  end
  return math.max(1, math.floor(rate * share_now(now, share, hold, recovery)))
end
