-- Leases the start that is due longest.
--
-- KEYS  1 due  2 tokens   (see start_schedule)
-- ARGV  1 skew µs  2 lease µs  3 token
-- Result  {member, end µs}, or {} when none is due
--
-- Without a skew the first one found is the one. With one, leases that still run may lie before it: one for each
-- plan under way.

local raw, now = clock(ARGV[1])
local most, from = 16, 0
while true do
  local some = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', int(math.max(raw, now)), 'WITHSCORES', 'LIMIT', from, most)
  for i = 1, #some, 2 do
    local m = some[i]
    local clock = redis.call('HEXISTS', KEYS[2], m) == 1 and raw or now
    if tonumber(some[i + 1]) <= clock then
      local ends = int(raw + tonumber(ARGV[2]))
      redis.call('ZADD', KEYS[1], ends, m)
      redis.call('HSET', KEYS[2], m, ARGV[3])
      return {m, ends}
    end
  end
  if #some < 2 * most then
    return {}
  end
  from = from + most
end
