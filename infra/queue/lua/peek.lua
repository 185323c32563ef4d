-- Says when something of one tenant may be claimed.
--
-- KEYS  1 state  2 log  3 ready  4 sleep  5 leased   (see claim)
-- ARGV  1 skew µs  2 rate  3 window µs  4 slack µs  5 recovery µs
-- Result  microseconds from now, 0 for at once, -1 for nothing there

local raw, now = clock(ARGV[1])
local come = nil
if redis.call('ZCARD', KEYS[3]) > 0 then
  come = 0
else
  for i, clock in ipairs({now, raw}) do -- what sleeps, and leases
    local first = redis.call('ZRANGE', KEYS[3 + i], 0, 0, 'WITHSCORES')[2]
    if first and (not come or tonumber(first) - clock < come) then
      come = tonumber(first) - clock
    end
  end
end
if not come then
  return -1
end
local st = redis.call('HMGET', KEYS[1], 'pause', 'pace', 'share', 'hold')
local pause = tonumber(st[1] or 0)
local wait = math.max(0, come, pause - now)
local rate = rate_now(tonumber(ARGV[2]), now, st[3], st[4], tonumber(ARGV[5]))
local _, delay = room(KEYS[1], KEYS[2], raw, tonumber(st[2] or 0), rate, tonumber(ARGV[3]), tonumber(ARGV[4]), 1)
return math.max(wait, delay)
