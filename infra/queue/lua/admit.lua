-- Keeps chats below Teams' limits for one conversation: `burst` messages at once, then one every `every`.
--
-- KEYS  one chat each (string: the moment from which it is as if never written to; ≤ 400)
-- ARGV  1 every µs  2 burst
-- Result  for each chat the microseconds to wait, or 0: then the message is counted
--
-- It lives on Redis' own clock, as the rate does: Teams counts real seconds.

local raw = clock(0)
local every = tonumber(ARGV[1])
local ahead = every * (tonumber(ARGV[2]) - 1)
local out = {}
for i, key in ipairs(KEYS) do
  local free = math.max(raw, tonumber(redis.call('GET', key) or 0))
  if free - raw > ahead then
    out[i] = math.ceil(free - raw - ahead)
  else
    free = free + every
    redis.call('SET', key, int(free), 'PX', math.ceil((free - raw) / 1000))
    out[i] = 0
  end
end
return out
