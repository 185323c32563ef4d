-- Keeps chats below Teams' limits for one conversation: `burst` messages at once, then one every `every`.
--
-- KEYS  1 state of the tenant; it only says where the script runs
-- ARGV  1 prefix of this tenant's chats: <prefix>1:<n> and <prefix>2:<n> are hashes person → moment from which the chat is as if
--         never written to; they share the hash tag of KEYS  2 every µs  3 burst  then people (≤ 400)
-- Result  for each person the microseconds to wait, or 0: then the message is counted
--
-- A chat that was written to once is forgotten after `every`, one that was written to often after `burst` × `every`: so there are two kinds
-- of hashes, each for a while of its own, of which the last two are looked at. A key per chat would cost more than the rest of a claim.
--
-- It lives on Redis' own clock, as the rate does: Teams counts real seconds.

local raw = clock(0)
local every, burst = tonumber(ARGV[2]), tonumber(ARGV[3])
local people = {}
for i = 4, #ARGV do
  people[#people + 1] = ARGV[i]
end

local known, now = {}, {}
for kind, span in ipairs({every, burst * every}) do
  local n = math.floor(raw / span)
  now[kind] = {key = ARGV[1] .. kind .. ':' .. int(n), fresh = {}, life = math.ceil(2 * span / 1000)}
  for back = 0, 1 do
    local moments = redis.call('HMGET', ARGV[1] .. kind .. ':' .. int(n - back), unpack(people))
    for i, m in ipairs(moments) do
      local at = m and tonumber(m)
      if at and at > (known[people[i]] or raw) then
        known[people[i]] = at
      end
    end
  end
end

local out = {}
for i, person in ipairs(people) do
  local free = known[person] or raw
  if free - raw > every * (burst - 1) then
    out[i] = math.ceil(free - raw - every * (burst - 1))
  else
    local fresh = now[free > raw and 2 or 1].fresh
    free = free + every
    known[person] = free
    fresh[#fresh + 1] = person
    fresh[#fresh + 1] = int(free)
    out[i] = 0
  end
end
for _, b in ipairs(now) do
  if #b.fresh > 0 then
    redis.call('HSET', b.key, unpack(b.fresh))
    redis.call('PEXPIRE', b.key, b.life)
  end
end
return out
