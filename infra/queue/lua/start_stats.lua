-- Says how many starts wait, and changes nothing.
--
-- KEYS  1 due  2 tokens   (see start_schedule)
-- ARGV  1 skew µs  2 lease µs  3 most leases
-- Result  {due now, due later}; those that are leased are neither
--
-- Bounds: a lease ends within its length from now, so that leased ones are sought among what comes by then, at most ARGV[3].

local _, now = clock(ARGV[1])
local due = redis.call('ZCOUNT', KEYS[1], '-inf', int(now))
local later = redis.call('ZCARD', KEYS[1]) - due
local soon = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. int(now), int(now + tonumber(ARGV[2])), 'LIMIT', 0, tonumber(ARGV[3]))
if #soon > 0 then
  for _, token in ipairs(redis.call('HMGET', KEYS[2], unpack(soon))) do
    if token then
      later = later - 1
    end
  end
end
return {due, later}
