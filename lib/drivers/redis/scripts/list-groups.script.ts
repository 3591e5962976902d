import { COUNT_GROUPED, GROUP_OF, isShutGroup, keysOfGroup, ranksOfGroup, READ_STATE } from './group-state.js';
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

/** About so many groups are read at once. */
const SCANNED = 50;
/** The most reads of groups of one script. */
const SCANS = 10;

/**
 * Lists the ready jobs with a group: group by group, each by the priorities and turns of its jobs. The groups come as a scan meets them, so that no
 * change of theirs makes it miss one that stays.
 *
 * `order`: `oldest` or `newest`. `position`: of the scan; 0 at first. `from`, `index`: the group that is next among those at that position,
 * and how many of its jobs were looked at.
 *
 * Reply: as `LISTING` says; the cursor is these three, the group at the end.
 */
export const listGroupsScript = defineScript({
  name: 'list groups',
  keys: ['groups', 'ready', 'priority', 'gone', 'delayed', 'traits', ...ROOM_KEYS, ...LISTING_KEYS],
  args: ['order', 'position', 'index', 'from', ...ROOM_ARGS, ...LISTING_ARGS],
  numbers: ['index', ...LISTING_NUMBERS],
  flags: ['no-writes', 'allow-oom'],
  body: `${LISTING}${LIST_WINDOW}${QUEUE_ROOM}${READY_STATES}${COUNT_GROUPED}
local isOpenWanted, isShutWanted = isReadyWanted(false), isReadyWanted(true)
if not isOpenWanted then
  local _, blocked = countGrouped()
  if isShut or blocked == 0 or not isShutWanted then return answer('') end
end
local step = order == 'oldest' and 1 or -1

-- Whether a job of which the list has stale elements waits in this group.
local function isHere(id, name)
  return crashesOfWaiting(id) == 0 and string.match(redis.call('HGET', traits, id) or '', '${GROUP_OF}') == name
end
-- Looks at the jobs of a group, from an index on. Returns the next index; nothing if it has no more.
local function lookAt(name, text, at)
  ${READ_STATE}
  local isBlocked = ${isShutGroup('flag')}
  local list, goneKey = ${keysOfGroup('name')}
  local ranks = ${ranksOfGroup('name')}
  local function tell(ids, mayBeStale)
    local counts = mayBeStale and stale > 0 and redis.call('HMGET', goneKey, unpack(ids)) or {}
    return look(ids, function(i, wasTried)
      if counts[i] and not isHere(ids[i], name) then return end
      return stateOfReady(wasTried, isBlocked)
    end, function() return '', '' end)
  end
  -- The jobs above priority 0, the first job, the list behind it, and the jobs below 0; with the newest first the other way round.
  local all = ranked > 0 and redis.call('ZCARD', ranks) or 0
  local above = all > 0 and redis.call('ZCOUNT', ranks, '-inf', '(0') or 0
  local length = behind > 0 and redis.call('LLEN', list) or 0
  local function ranksFrom(from, last)
    return redis.call('ZRANGE', ranks, from, math.min(last, from + ${WINDOW - 1}), unpack(step == 1 and {} or { 'REV' }))
  end
  local above0 = { above, function(i) return ranksFrom(i + (step == 1 and 0 or all - above), step == 1 and above - 1 or all - 1) end }
  local below0 = { all - above, function(i) return ranksFrom(i + (step == 1 and above or 0), step == 1 and all - 1 or all - above - 1) end }
  local first = { head ~= '' and 1 or 0, function() return { head } end }
  local listed = { length, function(i) return windowOf(list, step == 1 and i or length - 1 - i, step) end, true }
  local sections = step == 1 and { above0, first, listed, below0 } or { below0, listed, first, above0 }
  local before = 0
  for _, section in ipairs(sections) do
    while at < before + section[1] do
      if isFull() then return at end
      local ids = section[2](at - before)
      if #ids == 0 then break end
      at = at + tell(ids, section[3])
    end
    before = before + section[1]
  end
end
local scan = position
for _ = 1, ${SCANS} do
  local nextScan, entries = unpack(redis.call('HSCAN', groups, scan, 'COUNT', ${SCANNED}))
  local names, texts = {}, {}
  for i = 1, #entries, 2 do
    local flag = string.byte(entries[i + 1])
    local isLookedAt = isOpenWanted
    if isOpenWanted ~= isShutWanted and ${isShutGroup('flag')} then isLookedAt = isShutWanted end
    if isLookedAt and entries[i] ~= '' and not texts[entries[i]] then
      names[#names + 1] = entries[i]
      texts[entries[i]] = entries[i + 1]
    end
  end
  table.sort(names)
  for i = 1, #names do
    local name = names[i]
    if not (name < from) then
      local at = lookAt(name, texts[name], name == from and index or 0)
      if at then return answer(scan .. ' ' .. string.format('%d', at) .. ' ' .. name) end
    end
  end
  scan, from = nextScan, ''
  if scan == '0' then return answer('') end
end
return answer(scan .. ' 0 ')`,
});
