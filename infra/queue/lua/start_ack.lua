-- Forgets a start whose lease is still held.
--
-- KEYS  1 due  2 tokens   (see start_schedule)
-- ARGV  1 member  2 token
-- Result  1 when held, else 0

if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then
  return 0
end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
return 1
