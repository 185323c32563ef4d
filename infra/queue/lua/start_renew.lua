-- Prolongs the lease of a start to its full length, if it is still held.
--
-- KEYS  1 due  2 tokens   (see start_schedule)
-- ARGV  1 lease µs  2 member  3 token
-- Result  1 when held, else 0

if redis.call('HGET', KEYS[2], ARGV[2]) ~= ARGV[3] then
  return 0
end
redis.call('ZADD', KEYS[1], int(clock(0) + tonumber(ARGV[1])), ARGV[2])
return 1
