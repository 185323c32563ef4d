-- Ends leases of one campaign that are still held and makes their deliveries due at other moments.
--
-- KEYS  1 ready  2 sleep  3 waiting (zset)  4 leases (zset)  5 tokens (hash)
-- ARGV  1 campaign  2 channel  3 tenant  then triples: id, token, due µs  (≤ 250)
-- Result  number of leases that were held

local ids = {}
for i = 4, #ARGV, 3 do
  ids[#ids + 1] = ARGV[i]
end
local tokens = redis.call('HMGET', KEYS[5], unpack(ids))
local held, waiting, first = {}, {}, nil
for i, id in ipairs(ids) do
  local at = 3 * i + 1
  if tokens[i] == ARGV[at + 1] then
    held[#held + 1] = id
    waiting[#waiting + 1] = ARGV[at + 2]
    waiting[#waiting + 1] = id
    local due = tonumber(ARGV[at + 2])
    if not first or due < first then
      first = due
    end
  end
end
if not first then
  return 0
end
redis.call('HDEL', KEYS[5], unpack(held))
redis.call('ZREM', KEYS[4], unpack(held))
redis.call('ZADD', KEYS[3], unpack(waiting))
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  local known = redis.call('ZSCORE', KEYS[2], ARGV[1])
  if not known or first < tonumber(known) then
    redis.call('ZADD', KEYS[2], string.format('%.0f', first), ARGV[1])
    redis.call('PUBLISH', ARGV[2], ARGV[3])
  end
end
return #held
