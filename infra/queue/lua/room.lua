-- Prepended to claim and peek, which must agree on what the rate allows.

-- room(...) says how many sends the tenant's rate allows at this moment (at
-- most max), in how many microseconds the next one is allowed when that is
-- none, and the moment from which pacing goes on.
--
-- Two rules, both on Redis' own clock:
--   log    the moments of the last `rate` claims (see claim) lie in a list, newest first. A claim is
--          allowed when the one `rate` places before it is at least `window`
--          old. This is the promise: no window ever holds more than `rate`.
--   pace   claims keep a distance of 9/10 of window / rate, with `slack` to
--          catch up after a late wake-up. It promises nothing; it spreads the
--          sends over the second instead of `rate` of them in one burst.
local function room(state, log, raw, pace, rate, window, slack, max)
  if rate <= 0 then
    return max, 0, raw
  end
  local newest = tonumber(redis.call('LINDEX', log, 0) or 0)
  if newest > raw + window then
    -- Redis' clock was set back, or a replica with another clock took over:
    -- the log speaks of moments that would block the tenant until then.
    redis.call('DEL', log)
    redis.call('HDEL', state, 'pace')
    pace = 0
  end
  local gap = window * 0.9 / rate
  local base = math.max(pace, raw)
  if base > raw + window then
    base = raw
  end
  local n = math.min(max, rate, math.floor((raw + slack - base) / gap) + 1)
  if n < 1 then
    return 0, math.ceil(base - slack - raw), base
  end
  -- Entry rate-j (from 0) must be old for the j-th claim of this call.
  local old = redis.call('LRANGE', log, rate - n, rate - 1)
  for j = 1, n do
    local at = old[n - j + 1]
    if at and tonumber(at) > raw - window then
      if j == 1 then
        return 0, tonumber(at) + window - raw, base
      end
      return j - 1, 0, base
    end
  end
  return n, 0, base
end
