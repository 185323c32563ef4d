-- Says when the next start is due, or the lease of one runs out.
--
-- KEYS  1 due  2 tokens   (see start_schedule)
-- ARGV  1 skew µs
-- Result  microseconds from now, 0 for at once, -1 for none

local raw, now = clock(ARGV[1])
local best, from = nil, 0
while true do
  local first = redis.call('ZRANGE', KEYS[1], from, from, 'WITHSCORES')
  local at = tonumber(first[2])
  if not at or (best and at - math.max(raw, now) >= best) then -- those that follow come later still
    return best and math.max(0, best) or -1
  end
  local come = at - (redis.call('HEXISTS', KEYS[2], first[1]) == 1 and raw or now)
  if not best or come < best then
    best = come
  end
  from = from + 1
end
