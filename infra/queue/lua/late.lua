-- Notes the newest claims of a tenant as made now: they leave only now. Others' claims in between are noted later than
-- they were, which costs a little of the rate and keeps the log in order.
--
-- KEYS  1 log (see claim)
-- ARGV  1 number of claims (≤ the rate)
-- Result  number of moments that were moved

local raw = clock(0)
local moments = redis.call('LRANGE', KEYS[1], 0, tonumber(ARGV[1]) - 1)
local moved = 0
for i, at in ipairs(moments) do
  if tonumber(at) < raw then
    redis.call('LSET', KEYS[1], i - 1, int(raw))
    moved = moved + 1
  end
end
return moved
