-- Adds deliveries to a campaign's window.
--
-- KEYS  1 ready  2 sleep  3 waiting (zset id → due)  4 tokens (hash, ids under lease)
-- ARGV  1 campaign  2 channel  3 tenant  then pairs: due µs, id  (≤ 400 pairs)
-- Result  number of ids that were new

local added, first = 0, nil
local busy = redis.call('EXISTS', KEYS[4]) == 1
for from = 4, #ARGV, 400 do
  local upto = math.min(from + 399, #ARGV)
  local held = {}
  if busy then
    local ids = {}
    for i = from + 1, upto, 2 do
      ids[#ids + 1] = ARGV[i]
    end
    held = redis.call('HMGET', KEYS[4], unpack(ids))
  end
  local fresh = {}
  for i = from, upto, 2 do
    if not held[(i - from) / 2 + 1] then
      fresh[#fresh + 1] = ARGV[i]
      fresh[#fresh + 1] = ARGV[i + 1]
      local at = tonumber(ARGV[i])
      if not first or at < first then
        first = at
      end
    end
  end
  if #fresh > 0 then
    added = added + redis.call('ZADD', KEYS[3], 'NX', unpack(fresh))
  end
end
-- Ids that waited already keep their own moment; ours is then too early in the
-- index, which costs one look of a claim and nothing else.
if added > 0 and not redis.call('ZSCORE', KEYS[1], ARGV[1]) then
  local known = redis.call('ZSCORE', KEYS[2], ARGV[1])
  if not known or first < tonumber(known) then
    redis.call('ZADD', KEYS[2], string.format('%.0f', first), ARGV[1])
    redis.call('PUBLISH', ARGV[2], ARGV[3])
  end
end
return added
