import { GROUP_OF, GROUP_STATE, GROUP_TEXT, keysOfGroup } from '../group-state.js';
import { definePart } from '../part.js';
import { NOTE_TURN } from './priority.part.js';

/**
 * Ready jobs with a group. The first one of a group stands in the state of the group, in the hash `groups`; the others stand in a list of
 * the group. So a group of one job has no key of its own. A group that has ready jobs is in the list `ring`, once; the groups at its front
 * are served next.
 *
 * A script changes groups in a table of its own, and writes them with few commands at its end. The empty field of `groups` has the
 * number of all ready jobs with a group. With the last one of them all these keys go.
 *
 * An element of the ring whose group has lost its jobs is stale: claims skip it. The first elements of a group are the stale ones.
 */
const READ = `
-- One table for all: a script may have 200 locals. \`sum\`: nothing if no group is stored.
local grouped = { known = {}, changed = {}, entering = {}, waiting = 0 }
`;

const READ_SUM = `
grouped.sum = redis.call('HGET', groups, '')
grouped.waiting = tonumber(grouped.sum or 0)
if grouped.sum then redis.call('LLEN', ring) end
`;

const HELPERS = `
-- The group by which a job is placed; nothing if it has none: a recovered one stands elsewhere.
function grouped.nameOf(id, crashes)
  return crashes == 0 and traitOf(id, '${GROUP_OF}') or nil
end
function grouped.keysOf(group)
  return ${keysOfGroup('group.name')}
end
-- Reads the states of many groups with one command.
function grouped.read(names)
  local missing = {}
  for i = 1, #names do
    if grouped.known[names[i]] == nil then
      grouped.known[names[i]] = false
      missing[#missing + 1] = names[i]
    end
  end
  if #missing == 0 then return end
  local texts = grouped.sum and redis.call('HMGET', groups, unpack(missing)) or {}
  for i = 1, #missing do
    local flag, behind, passed, stale, head = string.match(texts[i] or '.0:0:0 ', '${GROUP_STATE}')
    grouped.known[missing[i]] = {
      name = missing[i],
      isInRing = flag == 'R',
      behind = tonumber(behind),
      passed = tonumber(passed),
      stale = tonumber(stale),
      head = head ~= '' and head or nil,
    }
  end
end
function grouped.of(name)
  if not grouped.known[name] then grouped.read({ name }) end
  return grouped.known[name]
end
function grouped.countOf(group)
  return group.behind + (group.head and 1 or 0)
end
function grouped.change(group)
  if group.isChanged then return end
  group.isChanged = true
  grouped.changed[#grouped.changed + 1] = group
end
function grouped.enterRing(group)
  if group.isInRing then return end
  group.isInRing = true
  grouped.entering[#grouped.entering + 1] = group.name
end
-- Puts a job at the end of its group, or at its front.
function grouped.put(push, id, name)
  local group = grouped.of(name)
  if push == 'LPUSH' then
    if group.head then
      group.fronts = group.fronts or {}
      group.fronts[#group.fronts + 1] = group.head
      group.behind = group.behind + 1
    end
    group.head = id
  elseif grouped.countOf(group) == 0 then
    group.head = id
  else
    group.added = group.added or {}
    group.added[#group.added + 1] = id
    group.behind = group.behind + 1
  end
  grouped.waiting = grouped.waiting + 1
  grouped.change(group)
  grouped.enterRing(group)
end
-- A group that has no jobs leaves the ring, and removes the stale elements of its list.
function grouped.endEmpty(group)
  if group.behind == 0 and group.stale > 0 then
    redis.call('UNLINK', grouped.keysOf(group))
    group.stale = 0
  end
  if group.isInRing and grouped.countOf(group) == 0 then
    group.isInRing = false
    group.passed = group.passed + 1
  end
end
-- Writes the order of the jobs and of the groups.
function grouped.writeOrder()
  for i = 1, #grouped.changed do
    local group = grouped.changed[i]
    local list = (group.fronts or group.added) and grouped.keysOf(group)
    if group.fronts then redis.call('LPUSH', list, unpack(group.fronts)) end
    if group.added then redis.call('RPUSH', list, unpack(group.added)) end
    group.fronts, group.added = nil, nil
  end
  if #grouped.entering > 0 then
    redis.call('RPUSH', ring, unpack(grouped.entering))
    grouped.entering = {}
  end
end
-- Writes all that was changed.
function grouped.write()
  local changed = grouped.changed
  if #changed == 0 then return end
  grouped.writeOrder()
  grouped.changed = {}
  if grouped.waiting <= 0 then
    redis.call('UNLINK', groups, ring)
    grouped.known, grouped.sum, grouped.waiting = {}, nil, 0
    return
  end
  -- A long value makes the key a hash table, and it stays a hash table: in a listpack each look-up is a search.
  local entries, ended = grouped.sum and {} or { '', string.rep('~', 65) }, {}
  for i = 1, #changed do
    local group = changed[i]
    group.isChanged = nil
    if grouped.countOf(group) > 0 or group.passed > 0 then
      entries[#entries + 1] = group.name
      entries[#entries + 1] = ${GROUP_TEXT}
    else
      ended[#ended + 1] = group.name
    end
  end
  entries[#entries + 1] = ''
  entries[#entries + 1] = string.format('%.0f', grouped.waiting)
  redis.call('HSET', groups, unpack(entries))
  if #ended > 0 then redis.call('HDEL', groups, unpack(ended)) end
  grouped.sum = true
end
`;

/** Lua that takes the first jobs of a group, at most so many, out of its list. It needs the part `stale elements`, or `skip stale elements`. */
export const POP_GROUPED = `
-- The most stale elements that are removed beyond those of a claim, so that a script stays short.
grouped.skips = 300
function grouped.pop(group, count)
  local ids, want = { group.head }, math.min(count, group.behind)
  local list, goneKey = grouped.keysOf(group)
  group.head = nil
  while want > 0 and grouped.skips > 0 do
    local popped, isStale, found = redis.call('LPOP', list, want), {}, 0
    if not popped then
      -- Another program removed the list.
      grouped.waiting = grouped.waiting - group.behind
      group.behind = 0
      break
    end
    if group.stale > 0 then
      isStale, found = forgetStale(goneKey, popped)
      group.stale, grouped.skips = group.stale - found, grouped.skips - found
    end
    for i = 1, #popped do
      if not isStale[i] then ids[#ids + 1] = popped[i] end
    end
    group.behind, want = group.behind - (#popped - found), want - (#popped - found)
  end
  if #ids > count then group.head = table.remove(ids) end
  grouped.waiting = grouped.waiting - #ids
  grouped.change(group)
  return ids
end
`;

/** The places of ready jobs with a group in a poll. It needs the part `traits` before it. A queue without traits sends no further command. */
export const groups = definePart({
  name: 'groups',
  keys: ['groups', 'ring', 'ready', 'gone'],
  reads: `${READ}if S.hasTraits then
  ${READ_SUM.trim().replaceAll('\n', '\n  ')}
  S.apart = S.apart + grouped.waiting
end
`,
  helpers: HELPERS,
  on: {
    dueSoon: `
local names = {}
for i = 1, #ids do names[#names + 1] = grouped.nameOf(ids[i], 0) end
grouped.read(names)
`,
    place: `
local name = grouped.nameOf(id, crashes)
if name then
  grouped.put(push, id, name)
  S.apart = S.apart + 1
  return
end
`,
  },
});

/** Knows the groups in scripts that are seldom, and in pushes. It needs the part `know traits`, or `take traits`, before it. */
export const knowGroups = definePart({
  name: 'know groups',
  keys: ['groups', 'ring', 'ready', 'gone'],
  reads: READ + READ_SUM,
  helpers: HELPERS,
});

/** Puts new jobs into their groups. It needs the part `know groups`, and stands before other parts that place jobs. */
export const pushByGroup = definePart({
  name: 'push by group',
  reads: `
local newGrouped, newGroups = {}, {}
`,
  on: {
    placeNew: `
local name = not isPlaced and grouped.nameOf(id, 0)
if name then
  newGrouped[#newGrouped + 1], newGroups[#newGroups + 1] = id, name
  isPlaced = true
end
`,
    pushed: `
if #newGrouped > 0 then
  grouped.read(newGroups)
  for i = 1, #newGrouped do grouped.put('RPUSH', newGrouped[i], newGroups[i]) end
  grouped.write()
end
`,
  },
});

/** Puts waiting jobs into their groups. It needs the part `know groups`, and stands before other parts that place jobs. */
export const moveByGroup = definePart({
  name: 'move by group',
  on: {
    place: `
local name = grouped.nameOf(id, crashes)
if name then
  grouped.put(push, id, name)
  grouped.write()
  return
end
`,
  },
});

/** Adds the ready jobs with a group to those that wait. */
export const COUNT = `
count = count + grouped.waiting
`;

/** Takes ready jobs with a group out of their places. It needs the part `know groups`. `searched`: see the part `take waiting jobs`. */
export const takeByGroup = definePart({
  name: 'take by group',
  numbers: ['searched'],
  helpers: `
function grouped.take(id, name)
  local group = grouped.of(name)
  local list, goneKey = grouped.keysOf(group)
  if group.head == id then
    group.head = nil
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
  grouped.waiting = grouped.waiting - 1
  grouped.endEmpty(group)
  grouped.change(group)
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

/** Moves a ready job that is replaced, and stays ready, to the end of its new group. It needs the part `take by group`. */
export const regroup = definePart({
  name: 'regroup',
  on: {
    staysReady: `
local name = string.match(texts, '${GROUP_OF}')
if name ~= grouped.nameOf(id, 0) then
  takeReady(id)
  traitTexts[id] = texts
  local value = priorityOf(id, 0)
  if name then
    grouped.put('RPUSH', id, name)
    grouped.write()
  elseif value ~= 0 then
    placeByPriority('RPUSH', id, value)
    ${NOTE_TURN}
  else
    redis.call('RPUSH', ready, id)
  end
end
`,
  },
});
