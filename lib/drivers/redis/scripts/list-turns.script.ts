import {
  LIST_WINDOW,
  LISTING,
  LISTING_ARGS,
  LISTING_KEYS,
  LISTING_NUMBERS,
  READY_STATES,
  WINDOW,
} from './list-jobs.js';
import { keysOfLevel } from './levels.js';
import { QUEUE_ROOM, ROOM_ARGS, ROOM_KEYS } from './queue-room.js';
import { defineScript } from './script.js';

/** How far elements have moved towards the end of the list at the most, as a rule: jobs were put back to its front. */
const MOVED_BACK = 1_000;
/** How far they may have moved: the search goes so far if they are nowhere else. */
const FARTHEST = 20_000;
/** The most elements in which the last position is searched. */
const SEARCHED = 5_000;
/** The number of ids that tell the last position. */
export const ANCHORS = 5;

/**
 * Lists the jobs of the list of ready jobs, or of recovered ones, or of the lists of ready jobs with a priority, one after the other.
 *
 * `place`: `ready`, `recovered` or `prioritized`. `order`: `oldest` or `newest`. `level`: the priority whose list is next; empty for the first one.
 * `position`: the index of the next element when the last page was
 * read; empty at first. `hi`: the index from which the last position is searched; empty at first.
 * rest: the ids of the last elements that were looked at, the last one first.
 *
 * Claims take elements from the front, so that all others move towards it. The ids tell how far: they are searched towards the front.
 * If none of them is left, they were claimed, and with them all in front of them. Jobs that are put back to the front move the
 * others towards the end. With `oldest` first a search in vain begins anew at the front; with `newest` first it goes on behind.
 *
 * Reply: as `LISTING` says; the cursor is an index and ids, with the priority in front, or the priority alone where its list begins. `search` and an index as the cursor: to be called again with that `hi`.
 */
export const listTurnsScript = defineScript({
  name: 'list turns',
  keys: ['ready', 'recovered', 'priority', 'gone', 'goneRecovered', 'delayed', ...ROOM_KEYS, ...LISTING_KEYS],
  args: ['place', 'order', 'level', 'position', 'hi', ...ROOM_ARGS, ...LISTING_ARGS],
  numbers: [...LISTING_NUMBERS],
  flags: ['no-writes', 'allow-oom'],
  body: `${LISTING}${LIST_WINDOW}${QUEUE_ROOM}${READY_STATES}
if not isReadyWanted(false) then return answer('') end
local step = order == 'oldest' and 1 or -1
-- The list, the hash of its stale elements, its length, whether it has stale elements, the index of the next element.
local key, goneKey, length, hasGone, at
local function open()
  key, goneKey = ready, gone
  if place == 'recovered' then key, goneKey = recovered, goneRecovered end
  if place == 'prioritized' then key, goneKey = ${keysOfLevel('level')} end
  length, hasGone = redis.call('LLEN', key), redis.call('HLEN', goneKey) > 0
  at = step == 1 and 0 or length - 1
end
-- Returns the priority that comes behind one, and lists nothing behind other places.
local function levelBehind(value)
  if place ~= 'prioritized' then return nil end
  if value == '' then return redis.call('ZRANGE', priority, math.min(step, 0), math.min(step, 0))[1] end
  if step == 1 then return redis.call('ZRANGE', priority, '(' .. -value, '+inf', 'BYSCORE', 'LIMIT', 0, 1)[1] end
  return redis.call('ZRANGE', priority, '(' .. -value, '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, 1)[1]
end
if place == 'prioritized' and level == '' then level = levelBehind('') end
if not level then return answer('') end
open()
if position ~= '' then
  local last = tonumber(position) - step
  if redis.call('LRANGE', key, last, last)[1] == ARGV[rest] then
    at = last + step
  else
    local isAnchor, found = {}, nil
    for i = rest, #ARGV do isAnchor[ARGV[i]] = i end
    local top = math.min(tonumber(hi) or last + ${MOVED_BACK}, length - 1)
    local lowest, highest = math.max(top - ${SEARCHED} + 1, 0), top
    while top >= lowest and not found do
      local from = math.max(top - ${WINDOW - 1}, lowest)
      local ids, best = redis.call('LRANGE', key, from, top), math.huge
      for i = 1, #ids do
        -- Of a stale and a live element the live one counts, which is behind.
        local rank = isAnchor[ids[i]]
        if rank and rank <= best then best, found = rank, from + i - 1 end
      end
      top = from - 1
    end
    if found then
      at = found + step
    elseif step == 1 and lowest > 0 then
      return answer('search ' .. lowest - 1)
    elseif step == -1 and highest < math.min(last + ${FARTHEST}, length - 1) then
      return answer('search ' .. highest + ${SEARCHED})
    else
      at = step == 1 and 0 or math.min(last + step, length - 1)
    end
  end
end

-- Whether the job of an element waits in this list; a stale element may be all that is left of it.
local function isHere(id)
  local crashes = crashesOfWaiting(id)
  return crashes and (crashes > 0) == (place == 'recovered')
end
local anchors, mayJump = {}, allMatch(stateOfReady(false), stateOfReady(true))
while true do
  if mayJump and position == '' and not hasGone then
    local jump = math.min(skip - skipped, length)
    skipped, at = skipped + jump, at + step * jump
  end
  while at >= 0 and at < length and not isFull() do
    local ids = windowOf(key, at, step)
    local counts = hasGone and redis.call('HMGET', goneKey, unpack(ids)) or {}
    local done = look(ids, function(i, wasTried)
      if counts[i] and not isHere(ids[i]) then return end
      return stateOfReady(wasTried)
    end, function() return '', '' end)
    local last = {}
    for i = done, math.max(done - ${ANCHORS - 1}, 1), -1 do last[#last + 1] = ids[i] end
    for i = 1, #anchors do
      if #last < ${ANCHORS} then last[#last + 1] = anchors[i] end
    end
    anchors = last
    at = at + step * done
  end
  if at >= 0 and at < length then break end
  level = levelBehind(level)
  if not level then return answer('') end
  anchors, position = {}, ''
  open()
end
if #anchors == 0 then return answer(level) end
local known = #anchors
for i = known + 1, position == '' and 0 or ${ANCHORS} do anchors[i] = ARGV[rest + i - known - 1] end
local before = place == 'prioritized' and level .. ' ' or ''
return answer(before .. string.format('%d ', at) .. table.concat(anchors, ' '))`,
});
