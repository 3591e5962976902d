import { FLAGS, GROUP_OF, ranksOfGroup } from '../group-state.js';
import { GROUP_FIELDS, GROUP_HELPERS, GROUPS, READ_GROUPS, RELEASE_GROUPED } from '../group-table.js';
import { definePart } from '../part.js';
import { PRIORITIES_ALONE } from './traits.part.js';
import { NOTE_LEVELS, NOTE_TURN, PRIORITY } from './priority.part.js';

const KEYS = ['groups', 'ring', 'gates', 'ready', 'gone'] as const;

/**
 * The places of ready jobs with a group in a poll. The first one of a group stands in the state of the group, in the hash `groups`; the
 * others stand in a list of the group. So a group of one job has no key of its own. A group that has jobs which may start is in the list
 * `ring`, once; the groups at its front are served next. A group that waits for a time is in the sorted set `gates`, with that time.
 *
 * The state of a group has the ids of its claimed jobs, too. Whatever script takes a job out of the claimed ones cuts its id out.
 *
 * A script changes groups in a table of its own, and writes them with few commands at its end. The empty field of `groups` has the
 * sums of all groups. Without a ready or claimed job of a group all these keys go.
 *
 * An element of the ring whose group has left it is stale: claims skip it. The first elements of a group are the stale ones.
 *
 * It needs the part `traits` before it. A queue without traits sends no further command.
 */
export const groups = definePart({
  name: 'groups',
  unused: PRIORITIES_ALONE,
  keys: KEYS,
  fields: GROUP_FIELDS,
  reads: `${GROUPS}if S.hasTraits then
  ${READ_GROUPS.trim().replaceAll('\n', '\n  ')}
  S.apart = S.apart + grouped.waiting - grouped.blocked
  grouped.open = grouped.waiting - grouped.blocked
end
`,
  helpers: `-- To make these functions takes time.
if S.hasTraits then${GROUP_HELPERS}${RELEASE_GROUPED}
-- The groups of jobs that are claimed now, by their ids, and the groups that have given all that they may.
grouped.groupOf, grouped.served = {}, {}
-- Tells other parts how many jobs of groups may start.
function grouped.tell()
  local open = grouped.waiting - grouped.blocked
  S.apart = S.apart + open - (grouped.open or 0)
  grouped.open = open
end
end
`,
  on: {
    dueSoon: `
if S.hasTraits then
  local names = {}
  for i = 1, #ids do names[#names + 1] = grouped.nameOf(ids[i], 0) end
  grouped.read(names)
end
`,
    place: `
local name = S.hasTraits and grouped.nameOf(id, crashes)
if name then
  grouped.put(push, id, name)
  grouped.tell()
  return
end
`,
  },
});

/** Knows the groups in scripts that are seldom, and in pushes. It needs the part `know traits`, or `take traits`, before it. */
export const knowGroups = definePart({
  name: 'know groups',
  keys: KEYS,
  fields: GROUP_FIELDS,
  reads: GROUPS + READ_GROUPS,
  helpers: GROUP_HELPERS,
});

/** Lua that notes the last turn, if a job with a priority got one. */
const NOTE_NEW_TURN = `if S.hasNewTurn then ${NOTE_TURN} end`;

/**
 * Puts new jobs into their groups. If none of them may start, no consumer needs to know. It needs the part `know groups`, stands before
 * other parts that place jobs, and needs the part `group priorities` behind them.
 */
export const pushByGroup = definePart({
  name: 'push by group',
  keys: ['meta'],
  reads: `
local newGrouped, newGroups, newCount = {}, {}, 0
`,
  on: {
    placeNew: `
local text = not isPlaced and traitTexts[id]
local name = text and string.match(text, '${GROUP_OF}')
if name then
  newCount = newCount + 1
  newGrouped[newCount], newGroups[newCount] = id, name
  isPlaced = true
end
`,
    pushed: `
if newCount > 0 then
  grouped.read(newGroups)
  local blocked = grouped.blocked
  for i = 1, newCount do grouped.put('RPUSH', newGrouped[i], newGroups[i]) end
  S.isQuiet = grouped.blocked - blocked == #records / 2
  grouped.write()
  ${NOTE_NEW_TURN}
end
`,
  },
});

/** Puts waiting jobs into their groups, as the part `push by group`. */
export const moveByGroup = definePart({
  name: 'move by group',
  keys: ['meta'],
  on: {
    place: `
local name = grouped.nameOf(id, crashes)
if name then
  grouped.put(push, id, name)
  grouped.write()
  ${NOTE_NEW_TURN}
  return
end
`,
  },
});

/** Adds the ready jobs with a group to those that wait. */
export const COUNT = `
count = count + grouped.waiting
`;

/**
 * Lets groups go on that dropped jobs held back. It needs the part `know groups` before it, and the part `drop traits` behind it.
 */
export const dropHolders = definePart({
  name: 'drop holders',
  keys: ['marker'],
  on: {
    dropped: `
if grouped.held > 0 then
  for i = 1, #ids do
    local name = traitOf(ids[i], '${GROUP_OF}')
    local group = name and grouped.of(name)
    if group and grouped.unhold(group, ids[i]) and group.flag == ${FLAGS.held} and group.holders == '' then
      local waits = grouped.countOf(group) > 0
      grouped.turn(group, waits and ${FLAGS.inRing} or ${FLAGS.none})
      if waits then redis.call('ZADD', marker, 0, '0') end
    end
  end
  grouped.write()
end
`,
  },
});

/** Takes ready jobs with a group out of their places. It needs the part `know groups`. `searched`: see the part `take waiting jobs`. */
export const takeByGroup = definePart({
  name: 'take by group',
  keys: ['priority'],
  numbers: ['searched'],
  helpers: `
-- \`stays\`: whether it is about to come back to its group, which keeps its turn until then.
function grouped.take(id, name, stays)
  local group = grouped.of(name)
  local list, goneKey = grouped.keysOf(group)
  if group.ranked > 0 and redis.call('ZREM', ${ranksOfGroup('group.name')}, id) == 1 then
    group.ranked = group.ranked - 1
  elseif group.head == id then
    group.head = ''
  else
    if group.behind + group.stale <= searched then
      -- The last element of an id is the one that is not stale.
      if redis.call('LREM', list, -1, id) == 0 then return end
    else
      redis.call('HINCRBY', goneKey, id, 1)
      group.stale = group.stale + 1
    end
    group.behind = group.behind - 1
  end
  grouped.count(group, -1)
  if stays then return grouped.endList(group) end
  grouped.endEmpty(group)
  grouped.write()
end
`,
  on: {
    takeReady: `
local name = grouped.nameOf(id, 0)
if name then return grouped.take(id, name) end
`,
    countWaiting: COUNT,
  },
});

/** Moves a ready job that is replaced, and stays ready, to the end of its new group or priority. It needs the part `take by group`. */
export const regroup = definePart({
  name: 'regroup',
  on: {
    staysReady: `
local name, value = string.match(texts, '${GROUP_OF}'), tonumber(string.match(texts, '${PRIORITY}') or 0)
if name ~= grouped.nameOf(id, 0) or value ~= priorityOf(id, 0) then
  takeReady(id)
  traitTexts[id] = texts
  if name then
    grouped.put('RPUSH', id, name)
    grouped.write()
    ${NOTE_NEW_TURN}
  elseif value ~= 0 then
    placeInLevel('RPUSH', id, value)
    ${NOTE_LEVELS}
  else
    redis.call('RPUSH', ready, id)
  end
end
`,
  },
});
