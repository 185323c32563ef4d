-- Prolongs leases of one campaign that are still held to their full length.
-- The tenant's index of leases keeps its earlier moment: that is allowed.
--
-- KEYS  1 leases (zset id → end)  2 tokens (hash id → token)
-- ARGV  1 lease µs  then pairs: id, token  (≤ 400 pairs)
-- Result  {end µs, position of a held pair (from 1), …}

local ends = int(clock(0) + tonumber(ARGV[1]))
local ids, out, leases = {}, {ends}, {}
for i = 2, #ARGV, 2 do
  ids[#ids + 1] = ARGV[i]
end
local tokens = redis.call('HMGET', KEYS[2], unpack(ids))
for i, id in ipairs(ids) do
  if tokens[i] == ARGV[2 * i + 1] then
    out[#out + 1] = i
    leases[#leases + 1] = ends
    leases[#leases + 1] = id
  end
end
if #leases > 0 then
  redis.call('ZADD', KEYS[1], unpack(leases))
end
return out
