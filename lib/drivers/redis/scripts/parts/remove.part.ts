import { hook } from '../hooks.js';
import { definePart } from '../part.js';
import { COMPLETED_HEAD } from './retain.part.js';

/**
 * Removes jobs that no consumer holds, with all that is kept of them. A job whose time is over is removed, and not counted. It
 * needs the parts `answer`, `own status`, `failed jobs`, `ended`, `forget` and `take waiting jobs` before it.
 *
 * `only`: the states to leave all others alone, with a space around each; else empty.
 * rest: ids.
 */
export const remove = definePart({
  name: 'remove',
  keys: ['jobs', 'attempts', 'completedIds', 'delayed'],
  args: ['only', 'statusPrefix', 'completedTtl'],
  helpers: `
local function isMeant(state)
  return only == '' or string.find(only, ' ' .. state .. ' ', 1, true)
end
-- The state of a waiting job, as the lists tell it.
local function stateOf(id, place)
  local tries, crashes = attemptsOf(id)
  if tries + crashes > 0 then return 'retrying' end
  return place == 'delayed' and 'delayed' or 'queued'
end
local function takeMeant(id)
  if only ~= '' then
    local place = placeOf(id)
    if not place or not isMeant(stateOf(id, place)) then return end
  end
  return takeWaiting(id)
end
-- Takes a job from the list of completed jobs. Returns whether it is listed, and whether its time is not over yet.
local function takeCompleted(id)
  local element, index = completedElement(id)
  local mark = element and string.sub(element, ${COMPLETED_HEAD}, ${COMPLETED_HEAD})
  if not element or not isMeant(mark == 'x' and 'cancelled' or 'completed') then return false, false end
  -- The search begins at the nearer end.
  redis.call('LREM', completedIds, 2 * index < completedBefore + #completedRead and 1 or -1, element)
  completedPlaces[id] = nil
  return true, string.sub(element, 1, 13) + completedTtl * 1000 > now
end
`,
  body: `
local ended, waited, statuses, count, ids = {}, {}, {}, 0, {}
local wantsFailed, wantsCompleted = isMeant('failed'), isMeant('completed') or isMeant('cancelled')
for i = rest, #ARGV do ids[ARGV[i]] = true end
if only ~= ' failed ' then lookForHolders({ unpack(ARGV, rest) }) end
for id in pairs(ids) do
  local isListed, isKept = isFailed(id)
  local hasFailed = isListed
  if hasFailed then
    if wantsFailed then takeFailed(id) else isListed = false end
  elseif wantsCompleted and not redis.call('ZSCORE', delayed, id) then
    isListed, isKept = takeCompleted(id)
  end
  if isListed then
    ended[#ended + 1] = id
    -- Its status may be kept longer, for its result.
    if (isKept or only == '') and dropStatus(id) or isKept then count = count + 1 end
  elseif not hasFailed and takeMeant(id) then
    waited[#waited + 1] = id
    statuses[#statuses + 1] = statusPrefix .. id
    count = count + 1
  elseif only == '' and redis.call('HEXISTS', jobs, id) == 0 and dropStatus(id) then
    count = count + 1
  end
end
forget(ended)
if #waited > 0 then
  redis.call('HDEL', jobs, unpack(waited))
  redis.call('HDEL', attempts, unpack(waited))
  redis.call('UNLINK', unpack(statuses))
  ${hook('dropped', 'waited')}
end
S.result = count
`,
});
