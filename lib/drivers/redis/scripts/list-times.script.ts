import { LISTING, LISTING_ARGS, LISTING_KEYS, LISTING_NUMBERS, WINDOW } from './list-jobs.js';
import { defineScript } from './script.js';

/**
 * Lists the jobs of the sorted set of delayed jobs, or of failed ones. It leaves out failed jobs whose time is over.
 *
 * `order`: `oldest` (the lowest score first) or `newest`. `afterScore`, `afterId`: the last job that was looked at; empty at first.
 * It need not be there any more: its place is searched by its score and its id.
 *
 * Reply: as `LISTING` says; the cursor is a score and an id. The first value of each job is its score.
 */
export const listTimesScript = defineScript({
  name: 'list times',
  keys: ['delayed', 'failed', 'expiry', ...LISTING_KEYS],
  args: ['place', 'order', 'afterScore', 'afterId', 'failedTtl', ...LISTING_ARGS],
  numbers: [...LISTING_NUMBERS],
  flags: ['no-writes', 'allow-oom'],
  body: `${LISTING}
local isFailed = place == 'failed'
local key = isFailed and failed or delayed
local untried, tried = place, isFailed and place or 'retrying'
local count = redis.call('ZCARD', key)
local isForward = order == 'oldest'

-- Compares ids by their bytes, as Redis does; the operator of Lua would do it by the language of the server.
local function isBefore(a, b)
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end
-- The rank of the next job, from the side at which the list begins.
local at = 0
if afterId ~= '' then
  local low = redis.call('ZCOUNT', key, '-inf', '(' .. afterScore)
  local high = redis.call('ZCOUNT', key, '-inf', afterScore)
  while low < high do
    local middle = math.floor((low + high) / 2)
    if isBefore(redis.call('ZRANGE', key, middle, middle)[1], afterId) then low = middle + 1 else high = middle end
  end
  local isThere = redis.call('ZRANGE', key, low, low)[1] == afterId
  at = isForward and (isThere and low + 1 or low) or count - low
end
local hasExpiry = isFailed and redis.call('ZCARD', expiry) > 0
-- Failed jobs whose time is over are at the front, if no job has a time of its own.
local first = isFailed and redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
local allLast = not isFailed or not hasExpiry and (not isForward or not first or first + failedTtl > now / 1000)
if afterId == '' and allLast and allMatch(untried, tried) then
  skipped = math.min(skip, count)
  at = skipped
end
local lastScore, lastId = afterScore, afterId
while at < count and not isFull() do
  local page
  if isForward then
    page = redis.call('ZRANGE', key, at, at + ${WINDOW - 1}, 'WITHSCORES')
  else
    page = redis.call('ZRANGE', key, at, at + ${WINDOW - 1}, 'REV', 'WITHSCORES')
  end
  local ids, scores = {}, {}
  for i = 1, #page, 2 do
    ids[#ids + 1] = page[i]
    scores[#scores + 1] = page[i + 1]
  end
  local done = look(ids, function(i, wasTried)
    if not isFailed then return wasTried and tried or untried end
    local ends = hasExpiry and redis.call('ZSCORE', expiry, ids[i]) or scores[i] + failedTtl
    return ends * 1000 > now and 'failed' or nil
  end, function(i) return scores[i], '' end)
  if done == 0 then break end
  lastScore, lastId, at = scores[done], ids[done], at + done
end
return answer(at >= count and '' or lastScore .. ' ' .. lastId)`,
});
