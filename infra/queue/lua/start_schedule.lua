-- Makes a campaign's start due at a moment, unless it is leased right now.
--
-- KEYS  1 due (zset member → moment; while leased, the lease's end)  2 tokens (hash member → token)
-- ARGV  1 skew µs  2 member  3 due µs  4 channel
-- Result  1 when it is due then, 0 when it is leased

local _, now = clock(ARGV[1])
local known = redis.call('ZSCORE', KEYS[1], ARGV[2])
if redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1 and known and tonumber(known) > now then
  return 0
end
redis.call('HDEL', KEYS[2], ARGV[2])
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[2])
if not known or tonumber(ARGV[3]) < tonumber(known) then
  redis.call('PUBLISH', ARGV[4], '*')
end
return 1
