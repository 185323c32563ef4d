-- Ends leases of one campaign that are still held.
--
-- KEYS  1 leases (zset id → end)  2 tokens (hash id → token)
-- ARGV  pairs: id, token  (≤ 400 pairs)
-- Result  number of leases that were held

local ids, held = {}, {}
for i = 1, #ARGV, 2 do
  ids[#ids + 1] = ARGV[i]
end
local tokens = redis.call('HMGET', KEYS[2], unpack(ids))
for i, id in ipairs(ids) do
  if tokens[i] == ARGV[2 * i] then
    held[#held + 1] = id
  end
end
if #held > 0 then
  redis.call('ZREM', KEYS[1], unpack(held))
  redis.call('HDEL', KEYS[2], unpack(held))
end
return #held
