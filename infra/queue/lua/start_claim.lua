-- Leases the start that is due longest.
--
-- KEYS  1 due  2 tokens   (see start_schedule)
-- ARGV  1 skew µs  2 lease µs  3 token
-- Result  {member, end µs}, or {} when none is due

local _, now = clock(ARGV[1])
local m = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', int(now), 'LIMIT', 0, 1)[1]
if not m then
  return {}
end
local ends = int(now + tonumber(ARGV[2]))
redis.call('ZADD', KEYS[1], ends, m)
redis.call('HSET', KEYS[2], m, ARGV[3])
return {m, ends}
