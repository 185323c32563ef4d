-- Halves a tenant's rate and holds it.
--
-- KEYS  1 state (see claim)
-- ARGV  1 skew µs  2 until µs  3 least share  4 shortest time between two halvings µs  5 recovery µs
-- Result  1 when the rate was halved, 0 when it is only held longer

local raw, now = clock(ARGV[1])
local st = redis.call('HMGET', KEYS[1], 'share', 'hold', 'cut')
local share = share_now(now, st[1], st[2], tonumber(ARGV[5]))
local cut = raw - tonumber(st[3] or 0) >= tonumber(ARGV[4])
if cut then
  share = math.max(tonumber(ARGV[3]), share / 2)
  redis.call('HSET', KEYS[1], 'cut', int(raw))
end
redis.call('HSET', KEYS[1], 'share', share, 'hold', int(math.max(tonumber(ARGV[2]), tonumber(st[2] or 0))))
return cut and 1 or 0
