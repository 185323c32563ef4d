-- Says how many starts wait, and changes nothing.
--
-- KEYS  1 due  2 tokens   (see start_schedule)
-- ARGV  1 skew µs
-- Result  {due now, due later}; those whose lease runs are neither
--
-- Bounds: there are as many tokens as leases, one for each plan under way, or whose process died.

local raw, now = clock(ARGV[1])
local due = redis.call('ZCOUNT', KEYS[1], '-inf', int(now))
local later = redis.call('ZCARD', KEYS[1]) - due
for _, m in ipairs(redis.call('HKEYS', KEYS[2])) do
  local ends = tonumber(redis.call('ZSCORE', KEYS[1], m))
  if ends <= now then
    due = due - 1
  else
    later = later - 1
  end
  if ends <= raw then
    due = due + 1
  end
end
return {due, later}
