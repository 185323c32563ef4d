-- Prolongs the lease of a start to its full length, if it is still held.
--
-- KEYS  1 due  2 tokens   (see start_schedule)
-- ARGV  1 skew µs  2 lease µs  3 member  4 token
-- Result  1 when held, else 0

local _, now = clock(ARGV[1])
if redis.call('HGET', KEYS[2], ARGV[3]) ~= ARGV[4] then
  return 0
end
redis.call('ZADD', KEYS[1], int(now + tonumber(ARGV[2])), ARGV[3])
return 1
