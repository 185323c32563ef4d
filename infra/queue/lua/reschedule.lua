-- Ends a lease that is still held and makes its delivery due at another moment.
--
-- KEYS  1 ready  2 sleep  3 waiting (zset)  4 leases (zset)  5 tokens (hash)
-- ARGV  1 campaign  2 channel  3 tenant  4 id  5 token  6 due µs
-- Result  1 when the lease was held, else 0

if redis.call('HGET', KEYS[5], ARGV[4]) ~= ARGV[5] then
  return 0
end
redis.call('HDEL', KEYS[5], ARGV[4])
redis.call('ZREM', KEYS[4], ARGV[4])
redis.call('ZADD', KEYS[3], ARGV[6], ARGV[4])
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  local known = redis.call('ZSCORE', KEYS[2], ARGV[1])
  if not known or tonumber(ARGV[6]) < tonumber(known) then
    redis.call('ZADD', KEYS[2], ARGV[6], ARGV[1])
    redis.call('PUBLISH', ARGV[2], ARGV[3])
  end
end
return 1
