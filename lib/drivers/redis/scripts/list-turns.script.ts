import {
  LIST_WINDOW,
  LISTING,
  LISTING_ARGS,
  LISTING_KEYS,
  LISTING_NUMBERS,
  READY_STATES,
  WINDOW,
} from './list-jobs.js';
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
 * Lists the jobs of the list of ready jobs, or of recovered ones.
 *
 * `place`: `ready` or `recovered`. `order`: `oldest` or `newest`. `position`: the index of the next element when the last page was
 * read; empty at first. `hi`: the index from which the last position is searched; empty at first.
 * rest: the ids of the last elements that were looked at, the last one first.
 *
 * Claims take elements from the front, so that all others move towards it. The ids tell how far: they are searched towards the front.
 * If none of them is left, they were claimed, and with them all in front of them. Jobs that are put back to the front move the
 * others towards the end. With `oldest` first a search in vain begins anew at the front; with `newest` first it goes on behind.
 *
 * Reply: as `LISTING` says; the cursor is an index and ids. `search` and an index as the cursor: to be called again with that `hi`.
 */
export const listTurnsScript = defineScript({
  name: 'list turns',
  keys: ['ready', 'recovered', 'gone', 'goneRecovered', 'delayed', ...ROOM_KEYS, ...LISTING_KEYS],
  args: ['place', 'order', 'position', 'hi', ...ROOM_ARGS, ...LISTING_ARGS],
  numbers: [...LISTING_NUMBERS],
  flags: ['no-writes', 'allow-oom'],
  body: `${LISTING}${LIST_WINDOW}${QUEUE_ROOM}${READY_STATES}
local key, goneKey = ready, gone
if place == 'recovered' then key, goneKey = recovered, goneRecovered end
local length = redis.call('LLEN', key)
local hasGone = redis.call('HLEN', goneKey) > 0
local step = order == 'oldest' and 1 or -1

-- The index of the next element.
local at = step == 1 and 0 or length - 1
if not isReadyWanted(false) then return answer('') end
if position == '' and not hasGone and allMatch(stateOfReady(false), stateOfReady(true)) then
  skipped = math.min(skip, length)
  at = at + step * skipped
end
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
  local status = redis.pcall('GET', statusPrefix .. id)
  local state = type(status) == 'string' and string.match(status, '"status":"(%a+)"')
  if state == 'cancelled' or state == 'failed' or state == 'completed' then return false end
  if redis.call('ZSCORE', delayed, id) then return false end
  local _, crashes = string.match(redis.call('HGET', attempts, id) or '', '^(%d+):(%d+):')
  if (tonumber(crashes or 0) > 0) ~= (place == 'recovered') then return false end
  for _, consumer in ipairs(redis.call('ZRANGE', consumers, 0, -1)) do
    if redis.call('HEXISTS', claimedPrefix .. consumer, id) == 1 then return false end
  end
  return true
end
local anchors = {}
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
if at < 0 or at >= length then return answer('') end
for i = #anchors + 1, ${ANCHORS} do anchors[i] = ARGV[rest + i - #anchors - 1] end
return answer(string.format('%d ', at) .. table.concat(anchors, ' '))`,
});
