import { COMPLETED_HEAD } from './parts/retain.part.js';
import { KEPT_FAILED } from './fragments.js';
import { GROUP_OF, isShutGroup } from './group-state.js';
import { defineScript } from './script.js';
import { COUNT_TURNS, TURNS_ARGS, TURNS_KEYS } from './turns.js';

/** The most tried jobs, and the most ended ones, that one script looks at. */
const COUNTED = 1_000;

/**
 * Counts the jobs of each state.
 *
 * Reply: queued, delayed, retrying (-1 each if too many jobs were tried), the three of them together, processing, failed,
 * completed, cancelled (-1 each if too many are kept), the two of them together, blocked.
 */
export const listTotalScript = defineScript({
  name: 'list total',
  keys: ['delayed', 'attempts', 'traits', 'failed', 'expiry', 'ownTime', 'completedIds', ...TURNS_KEYS],
  args: ['completedTtl', 'failedTtl', ...TURNS_ARGS],
  numbers: ['completedTtl'],
  flags: ['no-writes', 'allow-oom'],
  body: `${KEPT_FAILED}${COUNT_TURNS}-- Which of some jobs are blocked, if they are ready.
local function blockedOf(ids, crashed)
  local isBlocked = {}
  if blocked == 0 or #ids == 0 then return isBlocked end
  local texts, names, owners = redis.call('HMGET', traits, unpack(ids)), {}, {}
  for i = 1, #ids do
    local name = not crashed[i] and string.match(texts[i] or '', '${GROUP_OF}')
    if isShut then
      isBlocked[i] = true
    elseif name then
      names[#names + 1], owners[#owners + 1] = name, i
    end
  end
  if #names == 0 then return isBlocked end
  local states = redis.call('HMGET', groups, unpack(names))
  for i = 1, #names do
    local flag = string.byte(states[i] or '')
    isBlocked[owners[i]] = flag and ${isShutGroup('flag')}
  end
  return isBlocked
end
local later = redis.call('ZCARD', delayed)
local queued, due, retrying = -1, -1, -1
if redis.call('HLEN', attempts) <= ${COUNTED} then
  local counts, tried, crashed, triedTurns, triedLater = redis.call('HGETALL', attempts), {}, {}, 0, 0
  for i = 1, #counts, 2 do
    local tries, crashes = string.match(counts[i + 1], '^(%d+):(%d+):')
    if tonumber(tries or 0) + tonumber(crashes or 0) > 0 then
      tried[#tried + 1] = counts[i]
      crashed[#tried] = tonumber(crashes) > 0
    end
  end
  if #tried > 0 then
    local isClaimed, isBlocked = {}, blockedOf(tried, crashed)
    for _, consumer in ipairs(redis.call('ZRANGE', consumers, 0, -1)) do
      local fences = redis.call('HMGET', claimedPrefix .. consumer, unpack(tried))
      for i = 1, #tried do isClaimed[i] = isClaimed[i] or fences[i] end
    end
    for i = 1, #tried do
      if redis.call('ZSCORE', delayed, tried[i]) then
        triedLater = triedLater + 1
      elseif not isClaimed[i] and not isBlocked[i] then
        triedTurns = triedTurns + 1
      end
    end
  end
  queued, due, retrying = turns - blocked - triedTurns, later - triedLater, triedTurns + triedLater
end
local ended, completed, cancelled = redis.call('LLEN', completedIds), -1, -1
if ended <= ${COUNTED} then
  completed, cancelled = 0, 0
  for _, element in ipairs(redis.call('LRANGE', completedIds, 0, -1)) do
    if (tonumber(string.sub(element, 1, 13)) or 0) > now - completedTtl * 1000 then
      if string.sub(element, ${COMPLETED_HEAD}, ${COMPLETED_HEAD}) == 'x' then
        cancelled = cancelled + 1
      else
        completed = completed + 1
      end
    end
  end
  ended = completed + cancelled
end
return { queued, due, retrying, turns - blocked + later, countRunning(), keptFailed(), completed, cancelled, ended, blocked }`,
});
