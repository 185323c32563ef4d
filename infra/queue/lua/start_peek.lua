-- Says when the next start is due, or the lease of one runs out.
--
-- KEYS  1 due   (see start_schedule)
-- ARGV  1 skew µs
-- Result  microseconds from now, 0 for at once, -1 for none

local _, now = clock(ARGV[1])
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
if not first then
  return -1
end
return math.max(0, tonumber(first) - now)
