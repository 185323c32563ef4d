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
local fresh, life = int(raw + every), math.ceil(every / 1000)
local known = redis.call('MGET', unpack(KEYS))
local again, out = {}, {}
for i, key in ipairs(KEYS) do
  out[i] = 0
  if not known[i] and not again[key] then -- almost everybody
    redis.call('SET', key, fresh, 'PX', life)
    again[key] = raw + every
  else
    local free = math.max(raw, again[key] or tonumber(known[i]))
    if free - raw > ahead then
      out[i] = math.ceil(free - raw - ahead)
    else
      again[key] = free + every
      redis.call('SET', key, int(free + every), 'PX', math.ceil((free + every - raw) / 1000))
    end
  end
end
return out
