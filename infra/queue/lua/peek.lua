-- Says when something of one tenant may be claimed.
--
-- KEYS  1 state  2 log  3 ready  4 sleep  5 leased   (see claim)
-- ARGV  1 skew µs  2 rate  3 window µs  4 slack µs  5 recovery µs
-- Result  microseconds from now, 0 for at once, -1 for nothing there

local raw, now = clock(ARGV[1])
local at = nil
if redis.call('ZCARD', KEYS[3]) > 0 then
  at = now
else
  for i = 4, 5 do
    local first = redis.call('ZRANGE', KEYS[i], 0, 0, 'WITHSCORES')[2]
    if first and (not at or tonumber(first) < at) then
      at = tonumber(first)
    end
  end
end
if not at then
  return -1
end
local st = redis.call('HMGET', KEYS[1], 'pause', 'pace', 'share', 'hold')
local pause = tonumber(st[1] or 0)
local wait = math.max(0, at - now, pause - now)
local rate = rate_now(tonumber(ARGV[2]), now, st[3], st[4], tonumber(ARGV[5]))
local _, delay = room(KEYS[1], KEYS[2], raw, tonumber(st[2] or 0), rate, tonumber(ARGV[3]), tonumber(ARGV[4]), 1)
return math.max(wait, delay)
