import { FLAGS, GROUP_OF, GROUP_STATE, GROUP_SUMS, GROUP_TEXT, keysOfGroup } from './group-state.js';

/** Lua that declares the table of the groups of a script. */
export const GROUPS = `
-- One table for all: a script may have 200 locals. \`sum\`: nothing if no group is stored.
local grouped = { waiting = 0, blocked = 0, running = 0, held = 0 }
`;

/** Lua that reads the sums of the groups. */
export const READ_GROUPS = `
grouped.known, grouped.changed, grouped.entering = {}, {}, {}
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
    local flag, behind, passed, stale, head, running, holders = string.match(texts[i] or '.0:0:0 ', '${GROUP_STATE}')
    grouped.known[missing[i]] = {
      name = missing[i],
      flag = flag,
      behind = tonumber(behind),
      passed = tonumber(passed),
      stale = tonumber(stale),
      head = head ~= '' and head or nil,
      running = running,
      holders = holders,
      starting = 0,
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
function grouped.isBlocked(flag)
  return flag == '${FLAGS.full}' or flag == '${FLAGS.gated}' or flag == '${FLAGS.held}'
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
  if before == '${FLAGS.inRing}' then group.passed = group.passed + 1 end
  if before == '${FLAGS.gated}' then redis.call('ZREM', gates, group.name) end
  if flag == '${FLAGS.inRing}' then grouped.entering[#grouped.entering + 1] = group.name end
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
  if group.flag ~= '${FLAGS.full}' then grouped.turn(group, '${FLAGS.held}') end
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
-- Puts a job at the end of its group, or at its front: there it comes back if it held the group.
function grouped.put(push, id, name)
  local group = grouped.of(name)
  if grouped.unhold(group, id) then push = 'LPUSH' end
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
  grouped.count(group, 1)
  if group.flag == '${FLAGS.none}' or group.flag == '${FLAGS.held}' and group.holders == '' then
    grouped.turn(group, '${FLAGS.inRing}')
  end
end
-- A group that has no jobs leaves the ring and the gates, and removes the stale elements of its list.
function grouped.endEmpty(group)
  if group.behind == 0 and group.stale > 0 then
    redis.call('UNLINK', grouped.keysOf(group))
    group.stale = 0
  end
  local mayLeave = group.flag == '${FLAGS.inRing}' or group.flag == '${FLAGS.gated}'
  if grouped.countOf(group) == 0 and mayLeave then grouped.turn(group, '${FLAGS.none}') end
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
  if grouped.waiting <= 0 and grouped.running <= 0 and grouped.held <= 0 then
    redis.call('UNLINK', groups, ring, gates)
    grouped.known, grouped.sum, grouped.waiting, grouped.running = {}, nil, 0, 0
    return
  end
  -- A long value makes the key a hash table, and it stays a hash table: in a listpack each look-up is a search.
  local entries, ended = grouped.sum and {} or { '', string.rep('~', 65) }, {}
  for i = 1, #changed do
    local group = changed[i]
    group.isChanged = nil
    if grouped.countOf(group) > 0 or group.passed > 0 or group.running ~= '' or group.holders ~= '' then
      entries[#entries + 1] = group.name
      entries[#entries + 1] = ${GROUP_TEXT}
    else
      ended[#ended + 1] = group.name
    end
  end
  entries[#entries + 1] = ''
  entries[#entries + 1] =
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
  local ids, want = { group.head }, math.min(count, group.behind)
  local list, goneKey = grouped.keysOf(group)
  group.head = nil
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
-- Returns the group if a job of it was claimed.
function grouped.cut(id)
  local name = traitOf(id, '${GROUP_OF}')
  local group = name and grouped.of(name)
  if not group then return end
  local from, to = string.find(' ' .. group.running, ' ' .. id .. ' ', 1, true)
  if not from then return end
  group.running = string.sub(group.running, 1, from - 1) .. string.sub(group.running, to)
  if group.runs then group.runs = group.runs - 1 end
  grouped.running = grouped.running - 1
  grouped.change(group)
  return group
end
`;
