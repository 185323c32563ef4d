-- Stops claims of one tenant; the longest pause wins.
--
-- KEYS  1 state (see claim)
-- ARGV  1 until µs
-- Result  1 when the pause got longer, else 0

if tonumber(ARGV[1]) <= tonumber(redis.call('HGET', KEYS[1], 'pause') or 0) then
  return 0
end
redis.call('HSET', KEYS[1], 'pause', ARGV[1])
return 1
