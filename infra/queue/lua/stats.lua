-- Says how things stand with one tenant, and changes nothing.
--
-- KEYS  1 state  2 ready  3 sleep  4 leased   (see claim)
-- ARGV  1 skew µs  2 rate  3 recovery µs  4 prefix of this tenant's keys  5 most campaigns
-- Result  {due now, due later, leased, µs by which the oldest due one lags, rate in force (0: none), µs until the pause ends (0: none), its end µs}
--
-- Bounds: at most ARGV[5] campaigns that wait and as many with leases are looked at: those that are due first.

local _, now = clock(ARGV[1])
local prefix, most = ARGV[4], tonumber(ARGV[5])
local due, later, oldest = 0, 0, now

-- count(c) counts what waits in campaign c.
local function count(c)
  local key = prefix .. 'w:' .. c
  local first = tonumber(redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2] or 0)
  local all, here = redis.call('ZCARD', key), 0
  if all > 0 and first <= now then
    here = redis.call('ZCOUNT', key, '-inf', int(now))
    oldest = math.min(oldest, first)
  end
  due = due + here
  later = later + all - here
end

local looks = 0
for _, c in ipairs(redis.call('ZRANGE', KEYS[2], 0, most - 1)) do
  looks = looks + 1
  count(c)
end
if looks < most then
  for _, c in ipairs(redis.call('ZRANGE', KEYS[3], 0, most - looks - 1)) do
    count(c)
  end
end

local leased = 0
for _, c in ipairs(redis.call('ZRANGE', KEYS[4], 0, most - 1)) do
  leased = leased + redis.call('ZCARD', prefix .. 'l:' .. c)
end

local st = redis.call('HMGET', KEYS[1], 'pause', 'share', 'hold')
local pause = tonumber(st[1] or 0)
local rate = math.max(0, rate_now(tonumber(ARGV[2]), now, st[2], st[3], tonumber(ARGV[3])))
return {due, later, leased, now - oldest, rate, math.max(0, pause - now), int(pause)}
