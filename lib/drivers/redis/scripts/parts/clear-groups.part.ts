import { hook } from '../hooks.js';
import { definePart } from '../part.js';
import { GROUP } from '../../keys.js';
import { FLAGS, GROUP_OF, ranksOfGroup } from '../group-state.js';
import { POP_GROUPED, RELEASE_GROUPED } from '../group-table.js';
import { COUNT } from './groups.part.js';

/** The most jobs that stay in front of some that leave: jobs that were pushed since, and put back to the front. */
const STAYING = 1_000;

/**
 * Drops ready jobs with a group that were pushed by a certain time, as the part `drop` does.
 *
 * `skip`: so many jobs at the front of the first group are known to stay. rest: groups.
 * Result: the number of groups that need no further call; how many jobs at the front of the next one stay; the number of dropped jobs.
 *
 * It needs the parts `know groups` and `stale elements` before it.
 */
export const dropGrouped = definePart({
  name: 'drop grouped',
  keys: ['jobs', 'attempts', 'marker', 'ready', 'priority', 'delayed', 'recovered'],
  args: ['statusPrefix'],
  numbers: ['pushedBy', 'skip', 'limit'],
  reads: `
redis.call('LLEN', ready)
redis.call('ZCARD', delayed)
redis.call('LLEN', recovered)
redis.call('HLEN', jobs)
redis.call('HLEN', attempts)
redis.call('ZCARD', marker)
`,
  helpers: `
local function isOld(record) return (record and tonumber(string.sub(record, 1, 13)) or 0) <= pushedBy end
-- The same of the jobs of a group with a priority, which stand in front of the others here.
local function takeOldRanked(group, from, most)
  local ids, old = redis.call('ZRANGE', ${ranksOfGroup('group.name')}, from, from + most - 1), {}
  if #ids == 0 then
    -- Another program removed the sorted set, or a part of it.
    grouped.count(group, from - group.ranked)
    group.ranked = from
    return old, 0, 0, true
  end
  local records = redis.call('HMGET', jobs, unpack(ids))
  for i = 1, #ids do
    if isOld(records[i]) then old[#old + 1] = ids[i] end
  end
  if #old > 0 then redis.call('ZREM', ${ranksOfGroup('group.name')}, unpack(old)) end
  group.ranked = group.ranked - #old
  grouped.count(group, -#old)
  grouped.endEmpty(group)
  return old, #ids, #ids - #old, true
end
-- Takes some elements of a group, from one that is known to stay on. Returns the ids of its old jobs, how many elements it looked at, how
-- many of them stay, and whether there may be more.
local function takeOld(group, from, most)
  if from < group.ranked then return takeOldRanked(group, from, most) end
  from = from - group.ranked
  local hasFirst = group.head ~= ''
  local first = from == 0 and hasFirst and group.head or nil
  local at = hasFirst and math.max(from - 1, 0) or from
  local list, goneKey = grouped.keysOf(group)
  local count = first and most - 1 or most
  local ids = group.behind > 0 and count > 0 and redis.call('LRANGE', list, at, at + count - 1) or {}
  local more = #ids == count and group.behind > 0
  local isStale, found, old, looked = {}, 0, {}, #ids + (first and 1 or 0)
  if looked == 0 then return old, 0, 0, false end
  if group.stale > 0 and #ids > 0 then
    isStale, found = forgetStale(goneKey, ids)
    group.stale = group.stale - found
  end
  local records = redis.call('HMGET', jobs, first or '', unpack(ids))
  if first and isOld(records[1]) then
    old[1], group.head = first, ''
  end
  for i = 1, #ids do
    local leaves = isOld(records[i + 1])
    if isStale[i] or leaves then redis.call('LREM', list, 1, ids[i]) end
    if leaves and not isStale[i] then
      old[#old + 1] = ids[i]
      group.behind = group.behind - 1
    end
  end
  grouped.count(group, -#old)
  grouped.endEmpty(group)
  return old, looked, looked - #old - found, more
end
`,
  body: `
local leaving, statuses, done, left, from = {}, {}, 0, limit, skip
for i = rest, #ARGV do
  local group, more = grouped.of(ARGV[i]), true
  while more and left > 0 do
    local old, looked, stay
    old, looked, stay, more = takeOld(group, from, left)
    for k = 1, #old do
      leaving[#leaving + 1] = old[k]
      statuses[#statuses + 1] = statusPrefix .. old[k]
    end
    left, from = left - math.max(looked, 1), from + stay
    if #old == 0 and from >= group.ranked + ${STAYING} then more = false end
  end
  if more then break end
  done, from = done + 1, 0
end
grouped.write()
local dropped = 0
if #leaving > 0 then
  dropped = redis.call('HDEL', jobs, unpack(leaving))
  redis.call('HDEL', attempts, unpack(leaving))
  redis.call('UNLINK', unpack(statuses))
  ${hook('dropped', 'leaving')}
end
if waitingCount() == 0 then redis.call('DEL', marker) end
S.result = { done, from, dropped }
`,
});

/** Counts the ready jobs with a group where a queue is cleared. It needs the part `know groups`. */
export const countGrouped = definePart({
  name: 'count grouped',
  on: { countWaiting: COUNT },
});

/** The most groups that one call removes with its queue. */
const REMOVED = 100;

/** Removes the groups of a queue with it. It needs the parts `know groups` and `stale elements` before it. */
export const removeGroups = definePart({
  name: 'remove groups',
  keys: ['groups', 'ring', 'gates', 'priority', 'starts', 'windows', 'meta'],
  helpers: `${POP_GROUPED}${RELEASE_GROUPED}
-- Takes some jobs of a group.
function grouped.takeSome(group, most)
  local key, ids = ${ranksOfGroup('group.name')}, {}
  if group.ranked > 0 then
    ids = redis.call('ZRANGE', key, 0, most - 1)
    if #ids > 0 then redis.call('ZREM', key, unpack(ids)) end
    -- Another program may have removed some of them.
    local left = redis.call('ZCARD', key)
    grouped.count(group, left - group.ranked)
    group.ranked = left
  end
  if #ids < most then
    local others = grouped.pop(group, most - #ids)
    for i = 1, #others do ids[#ids + 1] = others[i] end
  end
  return ids
end
`,
  on: {
    countWaiting: COUNT,
    dropped: `
for i = 1, #ids do
  local name = traitOf(ids[i], '${GROUP_OF}')
  local group = name and grouped.of(name)
  if group then
    grouped.unhold(group, ids[i])
    if grouped.cut(group, ids[i]) and group.flag == ${FLAGS.full} then
      grouped.turn(group, grouped.countOf(group) > 0 and ${FLAGS.inRing} or ${FLAGS.none})
    end
  end
end
grouped.write()
`,
    dropMore: `
if grouped.sum and left > 0 then
  local names = redis.call('HRANDFIELD', groups, ${REMOVED})
  for i = 1, #names do
    if names[i] ~= '' and left > 0 then
      local group = grouped.of(names[i])
      local ids = grouped.takeSome(group, left)
      left = left - math.max(#ids, 1)
      grouped.endEmpty(group)
      if #ids > 0 then dropLive(ids) end
    end
  end
  grouped.write()
end
if left > 0 then
  local limited = redis.call('ZRANGE', windows, 0, left - 1)
  for i = 1, #limited do redis.call('UNLINK', starts .. '${GROUP}' .. limited[i]) end
  if #limited > 0 then redis.call('ZREMRANGEBYRANK', windows, 0, #limited - 1) end
  left = left - #limited
end
`,
    removing: `
redis.call('UNLINK', groups, ring, gates, windows)
redis.call('HDEL', meta, 'groupLimits', 'groupScan', 'sides', 'mixed')
`,
  },
});
