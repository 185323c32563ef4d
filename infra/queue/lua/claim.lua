-- Leases due deliveries of one tenant under its rate.
--
-- KEYS  1 state   hash: pause, pace (moments), turn (counter), share, hold (see share.lua)
--       2 log     list: moments of the last claims, newest first
--       3 ready   zset: campaigns with something due, by turn
--       4 sleep   zset: campaigns with nothing due yet, by a moment no later than their first
--       5 leased  zset: campaigns with leases, by a moment no later than the first to run out; like the
--                 ends of leases on Redis' own clock
-- ARGV  1 skew µs  2 max (≤ 500)  3 lease µs  4 token
--       5 rate (≤ 0: none)  6 window µs  7 slack µs  8 recovery µs
--       9 prefix of this tenant's keys: <prefix>w:<campaign> waiting (zset id → due),
--         <prefix>l:<campaign> leases (zset id → end), <prefix>k:<campaign> tokens (hash);
--         they share the hash tag of KEYS  10 cold after µs  11 cold µs
-- Result  {Redis' own time µs, number of reclaimed, campaign, id, campaign, id, …}, the reclaimed first
--
-- Bounds: at most 64 campaigns wake up, and max + 128 looks at campaigns; every
-- look leases something or corrects an index, so that calls make progress.

local raw, now = clock(ARGV[1])
local max = tonumber(ARGV[2])
local token = ARGV[4]
local ends = int(raw + tonumber(ARGV[3]))
local prefix = ARGV[9]

local st = redis.call('HMGET', KEYS[1], 'pause', 'pace', 'turn', 'share', 'hold')
local pause, turn = tonumber(st[1] or 0), tonumber(st[3] or 0)
if pause > now then
  return {int(raw), 0}
end
local rate = rate_now(tonumber(ARGV[5]), now, st[4], st[5], tonumber(ARGV[8]))
local window = tonumber(ARGV[6])
local left, _, base = room(KEYS[1], KEYS[2], raw, tonumber(st[2] or 0), rate, window, tonumber(ARGV[7]), max)
local allowed = left
if left < 1 then
  return {int(raw), 0}
end

local out = {int(raw), 0}

-- take(c, key, upto, most) leases what a zset of campaign c holds until the moment upto, most of it at most,
-- and returns how many that were and the moment of the first that stays.
local function take(c, key, upto, most)
  local e = redis.call('ZRANGE', key, 0, most, 'WITHSCORES')
  local ids, leases, tokens = {}, {}, {}
  for i = 1, #e, 2 do
    local at = tonumber(e[i + 1])
    if at > upto or #ids == most then
      return ids, leases, tokens, at
    end
    ids[#ids + 1] = e[i]
    leases[#leases + 1] = ends
    leases[#leases + 1] = e[i]
    tokens[#tokens + 1] = e[i]
    tokens[#tokens + 1] = token
    out[#out + 1] = c
    out[#out + 1] = e[i]
  end
  return ids, leases, tokens, nil
end

local looks = 0

-- First what an earlier worker left behind.
while left > 0 and looks < 64 do
  local c = redis.call('ZRANGEBYSCORE', KEYS[5], '-inf', int(raw), 'LIMIT', 0, 1)[1]
  if not c then
    break
  end
  looks = looks + 1
  local ids, leases, tokens, first = take(c, prefix .. 'l:' .. c, raw, left)
  if #ids > 0 then
    redis.call('ZADD', prefix .. 'l:' .. c, unpack(leases))
    redis.call('HSET', prefix .. 'k:' .. c, unpack(tokens))
    left = left - #ids
    if not first or first > tonumber(ends) then
      first = tonumber(ends)
    end
  end
  if first then
    redis.call('ZADD', KEYS[5], int(first), c)
  else
    redis.call('ZREM', KEYS[5], c)
  end
end
out[2] = (#out - 2) / 2

-- Campaigns whose moment came queue up behind those that are ready already.
local woken = redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', int(now), 'LIMIT', 0, 64)
for _, c in ipairs(woken) do
  turn = turn + 1
  redis.call('ZADD', KEYS[3], turn, c)
  redis.call('ZREM', KEYS[4], c)
end

-- Round-robin: each gets its share of what is left and goes to the end of the line.
local most, line = looks + max + 64, 0
while left > 0 and looks < most do
  if line == 0 then
    line = redis.call('ZCARD', KEYS[3])
    if line == 0 then
      break
    end
  end
  looks = looks + 1
  local c = redis.call('ZRANGE', KEYS[3], 0, 0)[1]
  local ids, leases, tokens, first = take(c, prefix .. 'w:' .. c, now, math.ceil(left / line))
  if #ids > 0 then
    redis.call('ZREM', prefix .. 'w:' .. c, unpack(ids))
    redis.call('ZADD', prefix .. 'l:' .. c, unpack(leases))
    redis.call('HSET', prefix .. 'k:' .. c, unpack(tokens))
    redis.call('ZADD', KEYS[5], 'NX', ends, c)
    left = left - #ids
  end
  if first and first <= now then
    turn = turn + 1
    redis.call('ZADD', KEYS[3], turn, c)
  else
    redis.call('ZREM', KEYS[3], c)
    if first then
      redis.call('ZADD', KEYS[4], int(first), c)
    end
  end
  line = line - 1
end

redis.call('HSET', KEYS[1], 'turn', int(turn))
local taken = allowed - left
if rate > 0 and taken > 0 then
  -- Noted are the moments by which the messages have arrived: those after a silence arrive later.
  local newest = tonumber(redis.call('LINDEX', KEYS[2], 0) or 0)
  local arrived = math.max(raw, newest)
  if raw - newest > tonumber(ARGV[10]) then
    arrived = raw + tonumber(ARGV[11])
  end
  local at, moments = int(arrived), {}
  for i = 1, taken do
    moments[i] = at
  end
  redis.call('LPUSH', KEYS[2], unpack(moments))
  -- Not the rate in force: the list must reach back a window when the rate climbs again.
  redis.call('LTRIM', KEYS[2], 0, tonumber(ARGV[5]) - 1)
  redis.call('HSET', KEYS[1], 'pace', int(base + taken * window * 0.9 / rate))
end
return out
