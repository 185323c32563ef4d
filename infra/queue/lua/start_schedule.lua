-- Makes a campaign's start due at a moment, unless it is leased right now.
--
-- KEYS  1 due (zset member → moment; while leased, the lease's end, on Redis' own clock)  2 tokens (hash member → token)
-- ARGV  1 member  2 due µs  3 channel
-- Result  1 when it is due then, 0 when it is leased

local raw = clock(0)
local known = redis.call('ZSCORE', KEYS[1], ARGV[1])
if redis.call('HEXISTS', KEYS[2], ARGV[1]) == 1 and known and tonumber(known) > raw then
  return 0
end
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
if not known or tonumber(ARGV[2]) < tonumber(known) then
  redis.call('PUBLISH', ARGV[3], '*')
end
return 1
