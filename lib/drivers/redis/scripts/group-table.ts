import { GROUP } from '../keys.js';
import { TRAIT } from '../trait-codec.js';
import { FLAGS, GROUP_OF, GROUP_SUMS, isShutGroup, keysOfGroup, READ_STATE, WRITE_STATE } from './group-state.js';

/** What a script knows of each group, with its first value as Lua. `runs`: how many of its jobs run, false if nobody has counted them. */
const FIELDS = {
  name: 'missing[i]',
  flag: 'flag',
  behind: 'behind',
  passed: 'passed',
  stale: 'stale',
  ranked: 'ranked',
  mixed: 'mixed',
  head: 'head',
  running: 'running',
  holders: 'holders',
  runs: `running == '' and 0`,
  starting: '0',
  isChanged: 'false',
  added: 'false',
};
/** What it knows of some. */
const RARE_FIELDS = ['fronts', 'turns', 'room', 'popped', 'next', 'closedUntil'];

/** The elements of a group: see `ScriptPart.fields`. */
export const GROUP_FIELDS = { group: [...Object.keys(FIELDS), ...RARE_FIELDS] };

/** Lua that declares the table of the groups of a script. */
export const GROUPS = `
-- One table for all: a script may have 200 locals. \`sum\`: nothing if no group is stored.
local grouped = { waiting = 0, blocked = 0, running = 0, held = 0 }
`;

/** Lua that reads the sums of the groups. */
export const READ_GROUPS = `
grouped.known, grouped.changed, grouped.placed, grouped.entering = {}, {}, {}, {}
grouped.sum = redis.call('HGET', groups, '')
if grouped.sum then
  local waiting, blocked, running, held = string.match(grouped.sum, '${GROUP_SUMS}')
  grouped.waiting, grouped.blocked = tonumber(waiting), tonumber(blocked)
  grouped.running, grouped.held = tonumber(running), tonumber(held)
  redis.call('LLEN', ring)
  redis.call('ZCARD', gates)
end
`;

/**
 * Lua that reads groups, changes them in the table, and writes them. It needs `traitOf`.
 *
 * The flag of a group follows from its jobs and its limits; only polls know the limits. So the flags of groups without claimed jobs may
 * be forgotten: the next claim that meets such a group finds out again.
 *
 * A poll changes two groups for each job that it settles and claims. So a group is a list of all its fields from the start, and the common
 * ways through these functions have few calls.
 */
export const GROUP_HELPERS = `
-- The group by which a job is placed; nothing if it has none: a recovered one stands elsewhere.
function grouped.nameOf(id, crashes)
  return crashes == 0 and traitOf(id, '${GROUP_OF}') or nil
end
function grouped.keysOf(group)
  return ${keysOfGroup('group.name')}
end
-- Reads the states of many groups with one command.
function grouped.read(names)
  local known, missing, count = grouped.known, {}, 0
  for i = 1, #names do
    local name = names[i]
    if known[name] == nil then
      known[name] = false
      count = count + 1
      missing[count] = name
    end
  end
  if count == 0 then return end
  local texts, empty = grouped.sum and redis.call('HMGET', groups, unpack(missing)) or {}, grouped.empty
  for i = 1, count do
    local text = texts[i] or empty
    ${READ_STATE}
    known[missing[i]] = { ${Object.values(FIELDS).join(', ')} }
  end
end
grouped.empty = struct.pack('<BI4ss', ${FLAGS.none}, 0, '', '')
function grouped.of(name)
  if not grouped.known[name] then grouped.read({ name }) end
  return grouped.known[name]
end
function grouped.countOf(group)
  return group.ranked + group.behind + (group.head == '' and 0 or 1)
end
function grouped.change(group)
  if group.isChanged then return end
  group.isChanged = true
  grouped.changed[#grouped.changed + 1] = group
end
function grouped.isBlocked(flag)
  return ${isShutGroup('flag')}
end
-- Counts jobs that come to a group, or leave it.
function grouped.count(group, more)
  grouped.waiting = grouped.waiting + more
  if grouped.isBlocked(group.flag) then grouped.blocked = grouped.blocked + more end
  grouped.change(group)
end
-- Gives a group another flag.
function grouped.turn(group, flag)
  local before = group.flag
  if before == flag then return end
  if before == ${FLAGS.inRing} then group.passed = group.passed + 1 end
  if before == ${FLAGS.gated} then redis.call('ZREM', gates, group.name) end
  if flag == ${FLAGS.inRing} then grouped.entering[#grouped.entering + 1] = group.name end
  local waits = grouped.countOf(group)
  if grouped.isBlocked(before) then grouped.blocked = grouped.blocked - waits end
  if grouped.isBlocked(flag) then grouped.blocked = grouped.blocked + waits end
  group.flag = flag
  grouped.change(group)
end
-- A job waits elsewhere, and holds its group back.
function grouped.hold(group, id)
  if string.find(' ' .. group.holders, ' ' .. id .. ' ', 1, true) then return end
  group.holders = group.holders .. id .. ' '
  grouped.held = grouped.held + 1
  if group.flag ~= ${FLAGS.full} then grouped.turn(group, ${FLAGS.held}) end
  grouped.change(group)
end
-- A job holds its group no longer. Returns whether it did. The flag of the group stays.
function grouped.unhold(group, id)
  if group.holders == '' then return false end
  local from, to = string.find(' ' .. group.holders, ' ' .. id .. ' ', 1, true)
  if not from then return false end
  group.holders = string.sub(group.holders, 1, from - 1) .. string.sub(group.holders, to)
  grouped.held = grouped.held - 1
  grouped.change(group)
  return true
end
-- Puts a job at the end of its group, or at its front: there it comes back if it held the group. \`rank\` is that of the part \`group priorities\`.
function grouped.put(push, id, name)
  local group = grouped.known[name] or grouped.of(name)
  local comesBack = group.holders ~= '' and grouped.unhold(group, id)
  local isFirst = comesBack or push == 'LPUSH' and grouped.isOrdered
  if (isFirst or string.find(traitTexts[id], '\\n${TRAIT.priority}', 1, true)) and grouped.rank(push, id, group, isFirst) then
    group.ranked = group.ranked + 1
  elseif push == 'LPUSH' then
    if group.head ~= '' then
      if not group.fronts then
        group.fronts = {}
        grouped.placed[#grouped.placed + 1] = group
      end
      group.fronts[#group.fronts + 1] = group.head
      group.behind = group.behind + 1
    end
    group.head = id
  elseif group.head == '' and group.behind == 0 then
    group.head = id
  else
    group.behind = group.behind + 1
    if group.added then
      group.added[#group.added + 1] = id
    else
      group.added = { id }
      grouped.placed[#grouped.placed + 1] = group
    end
  end
  local flag = group.flag
  if flag == ${FLAGS.inRing} or flag == ${FLAGS.none} then
    grouped.waiting = grouped.waiting + 1
    if not group.isChanged then grouped.change(group) end
    if flag == ${FLAGS.none} then
      group.flag = ${FLAGS.inRing}
      grouped.entering[#grouped.entering + 1] = group.name
    end
    return
  end
  grouped.count(group, 1)
  if flag == ${FLAGS.held} and group.holders == '' then grouped.turn(group, ${FLAGS.inRing}) end
end
-- Removes the list of a group that has only stale elements.
function grouped.endList(group)
  if group.behind > 0 or group.stale == 0 then return end
  redis.call('UNLINK', grouped.keysOf(group))
  group.stale = 0
end
-- A group that has no jobs leaves the ring and the gates.
function grouped.endEmpty(group)
  grouped.endList(group)
  local mayLeave = group.flag == ${FLAGS.inRing} or group.flag == ${FLAGS.gated}
  if grouped.countOf(group) == 0 and mayLeave then grouped.turn(group, ${FLAGS.none}) end
end
-- Writes the order of the jobs and of the groups.
function grouped.writeOrder()
  local list, placed = ready .. '${GROUP}', grouped.placed
  if #placed > 0 then grouped.placed = {} end
  for i = 1, #placed do
    local group = placed[i]
    if group.fronts then redis.call('LPUSH', list .. group.name, unpack(group.fronts)) end
    if group.added then redis.call('RPUSH', list .. group.name, unpack(group.added)) end
    group.fronts, group.added = nil, false
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
  if grouped.waiting <= 0 and grouped.running <= 0 and grouped.held <= 0 then
    redis.call('UNLINK', groups, ring, gates)
    grouped.known, grouped.sum, grouped.waiting, grouped.running = {}, nil, 0, 0
    return
  end
  -- A long value makes the key a hash table, and it stays a hash table: in a listpack each look-up is a search.
  local entries, ended = grouped.sum and {} or { '', string.rep('~', 65) }, {}
  local count = #entries
  for i = 1, #changed do
    local group = changed[i]
    local waits = group.ranked + group.behind + (group.head == '' and 0 or 1)
    group.isChanged = false
    if waits == 0 then group.mixed = 0 end
    if waits + group.passed > 0 or group.running ~= '' or group.holders ~= '' then
      ${WRITE_STATE}
      entries[count + 1], entries[count + 2] = group.name, text
      count = count + 2
    else
      ended[#ended + 1] = group.name
    end
  end
  entries[count + 1] = ''
  entries[count + 2] =
    string.format('%.0f %.0f %.0f %.0f', grouped.waiting, grouped.blocked, grouped.running, grouped.held)
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
  local ids, want = {}, math.min(count, group.behind)
  if group.head ~= '' then ids[1] = group.head end
  local list, goneKey = grouped.keysOf(group)
  group.head = ''
  while want > 0 and grouped.skips > 0 do
    local popped, isStale, found = redis.call('LPOP', list, want), {}, 0
    if not popped then
      -- Another program removed the list.
      grouped.count(group, -group.behind)
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
  grouped.count(group, -#ids)
  return ids
end
`;

/** Lua that forgets claimed jobs which are claimed no longer. It cuts them out by their ids: a second time it does nothing. */
export const RELEASE_GROUPED = `
-- Returns whether a job of the group was claimed.
function grouped.cut(group, id)
  if group.running == id .. ' ' then
    group.running, group.runs = '', 0
  else
    local from, to = string.find(' ' .. group.running, ' ' .. id .. ' ', 1, true)
    if not from then return false end
    group.running = string.sub(group.running, 1, from - 1) .. string.sub(group.running, to)
    if group.runs then group.runs = group.runs - 1 end
  end
  grouped.running = grouped.running - 1
  if not group.isChanged then grouped.change(group) end
  return true
end
`;
