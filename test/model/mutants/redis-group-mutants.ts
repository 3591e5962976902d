import { inFile } from './in-file.js';

const inGroups = inFile('redis', 'lib/drivers/redis/scripts/parts/groups.part.ts');
const inTable = inFile('redis', 'lib/drivers/redis/scripts/group-table.ts');
const inLimits = inFile('redis', 'lib/drivers/redis/scripts/parts/group-limits.part.ts');
const inGates = inFile('redis', 'lib/drivers/redis/scripts/parts/open-gates.part.ts');
const inClaim = inFile('redis', 'lib/drivers/redis/scripts/parts/claim-groups.part.ts');
const inRanks = inFile('redis', 'lib/drivers/redis/scripts/parts/group-priorities.part.ts');
const inClear = inFile('redis', 'lib/drivers/redis/scripts/parts/clear-groups.part.ts');

/** Faults of the groups of jobs in Redis. */
export const REDIS_GROUP_MUTANTS = [
  inTable(
    'a recovered job stands in its group',
    "return crashes == 0 and traitOf(id, '${GROUP_OF}') or nil",
    "return traitOf(id, '${GROUP_OF}') or nil",
  ),
  inTable('a requeued job goes to the end of its group', `elseif push == 'LPUSH' then`, 'elseif false then'),
  inTable(
    'a new job goes to the front of its group',
    "elseif group.head == '' and group.behind == 0 then",
    'elseif true then',
  ),
  inTable('a group enters the ring with each of its jobs', 'if flag == ${FLAGS.none} then', 'if true then'),
  inTable(
    'a group never enters the ring',
    'if flag == ${FLAGS.inRing} then grouped.entering[#grouped.entering + 1] = group.name end',
    '',
  ),
  inTable(
    'a group without jobs is not stale in the ring',
    'if before == ${FLAGS.inRing} then group.passed = group.passed + 1 end',
    '',
  ),
  inTable(
    'a group without jobs keeps its turn',
    'if grouped.countOf(group) == 0 and mayLeave then grouped.turn(group, ${FLAGS.none}) end',
    '',
  ),
  inTable(
    'a list of stale elements of a group stays',
    'if group.behind > 0 or group.stale == 0 then return end',
    'if true then return end',
  ),
  inTable(
    'the keys of the groups stay',
    'if grouped.waiting <= 0 and grouped.running <= 0 and grouped.held <= 0 then',
    'if false then',
  ),
  inTable('states of groups without jobs stay', `if #ended > 0 then redis.call('HDEL', groups, unpack(ended)) end`, ''),
  inTable('stale elements of a group are claimed', 'isStale, found = forgetStale(goneKey, popped)', ''),
  inTable('the next job of a group is lost', 'if #ids > count then group.head = table.remove(ids) end', ''),
  inGroups(
    'a listener sleeps while jobs with a group wait',
    'S.apart = S.apart + grouped.waiting - grouped.blocked',
    '',
  ),
  inGroups('a job that is taken out of its group is claimed', `redis.call('HINCRBY', goneKey, id, 1)`, ''),
  inClaim(
    'a group gives all its jobs in one turn',
    'if id and room > 1 then more[#more + 1] = group else served[#served + 1] = group end',
    'while grouped.countOf(group) > 0 do local id = grouped.takeFirst(group) taken[#taken + 1], groupOf[id] = id, group end served[#served + 1] = group',
  ),
  inClaim('places of a claim stay empty', 'while #turns < want and more[at] do', 'while false do'),
  inClaim(
    'a served group does not enter the ring again',
    'for i = at, #more do grouped.turn(more[i], ${FLAGS.inRing}) end',
    '',
  ),
  inClaim('a stale element of the ring gives a turn', 'if group.passed > 0 then', 'if false then'),
  inClaim('jobs with a group take all places', 'S.hasSides = S.depth + S.byPriority > 0', 'S.hasSides = false'),
  inClaim(
    'the odd place is always that of the jobs without a group',
    'if S.hasSides then want = math.floor(((S.sides or 0) % 2 + want) / 2) end',
    'if S.hasSides then want = math.floor(want / 2) end',
  ),
  inClaim('places stay empty beside jobs with a group', 'if S.hasSides and S.limit > #taken then', 'if false then'),
  inClaim(
    'jobs with a group count for the share of the lowest priority',
    'S.beforeMix = S.beforeMix + #taken - before',
    '',
  ),
  inClaim('jobs are claimed ahead although groups wait', 'if grouped.waiting > 0 then S.isRanked = true end', ''),
  inTable('claimed jobs with a group still count as ready', 'grouped.count(group, -#ids)', ''),
  inClear(
    'clear takes new jobs out of their groups',
    'local function isOld(record) return (record and tonumber(string.sub(record, 1, 13)) or 0) <= pushedBy end',
    'local function isOld() return true end',
  ),
  inClear('clear leaves the first job of a group', 'if first and isOld(records[1]) then', 'if false then'),
  inClear('a removed queue leaves its groups', 'if grouped.sum and left > 0 then', 'if false then'),
  inLimits(
    'one job more of a group runs',
    'if places then want = math.max(0, math.min(want, places - (group.runs or grouped.runsOf(group)) - starting)) end',
    'if places then want = math.max(0, math.min(want, places + 1 - (group.runs or grouped.runsOf(group)) - starting)) end',
  ),
  inLimits('a full group stays full', 'if group.flag == ${FLAGS.full} then', 'if false then'),
  inLimits(
    'a group without ready jobs enters the ring when it is not full any more',
    'group.flag = ${FLAGS.none}',
    'group.flag = ${FLAGS.inRing} entering[#entering + 1] = group.name',
  ),
  inLimits(
    'the ready jobs of a group that is not full any more still count as blocked',
    'group.flag, grouped.blocked = ${FLAGS.inRing}, grouped.blocked - waits',
    'group.flag = ${FLAGS.inRing}',
  ),
  inLimits(
    'the ready jobs of a group that is full now do not count as blocked',
    'group.flag, grouped.blocked = ${FLAGS.full}, grouped.blocked + waits',
    'group.flag = ${FLAGS.full}',
  ),
  inClaim('a group starts more jobs than may run at once', 'if left < room then room = left end', ''),
  inTable('ended jobs of groups count as claimed', 'grouped.running = grouped.running - 1', ''),
  inLimits(
    'a group waits for its window for ever',
    "redis.call('ZADD', gates, string.format('%.0f', opensAt * 1000), group.name)",
    '',
  ),
  inLimits(
    'a group with a full window stays in the ring',
    'if room > 0 then return grouped.turn(group, ${FLAGS.inRing}) end',
    'if true then return grouped.turn(group, ${FLAGS.inRing}) end',
  ),
  inGates(
    'a group whose window has opened stays out of the ring',
    'for i = 1, #names do grouped.turn(grouped.of(names[i]), ${FLAGS.inRing}) end',
    '',
  ),
  inLimits(
    'nobody learns when the window of a group opens',
    'if opens then due = math.min(due, tonumber(opens) / 1000) end',
    '',
  ),
  inLimits(
    'the starts of groups are not counted',
    'window.note(grouped.startsOf(group), bounds.groupPer, S.first, #ids, counts[group])',
    '',
  ),
  inLimits('no start is given back to a group', 'window.giveBack(grouped.startsOf(group), tonumber(fence))', ''),
  inLimits(
    'the start of a job whose name is not known counts for its group',
    'if bounds.groupMost and S.hasTraits and not (${HAS_STARTED}) then',
    "if bounds.groupMost and S.hasTraits and kind ~= 'unknown' and not (${HAS_STARTED}) then",
  ),
  inLimits('a group waits although it got a start back', 'if group.flag == ${FLAGS.gated} then', 'if false then'),
  inLimits('a recovered job ignores the limits of its group', 'chosen = id or false', 'chosen = nil'),
  inLimits(
    'a recovered job does not count beside the others of its group',
    'if group then grouped.startBeside(group) end',
    '',
  ),
  inLimits(
    'a recovered job that may not start calls for polls',
    'S.isPassedOver, grouped.recoveredOpens = not id, opens',
    'S.isPassedOver, grouped.recoveredOpens = false, opens',
  ),
  inLimits(
    'nobody says that jobs of groups are blocked',
    'S.isHeldBack = not S.isPaused and (grouped.blocked > 0 or S.isPassedOver)',
    '',
  ),
  inLimits('the windows of groups outlive their queue', 'if #entries > 0 then', 'if false then'),
  inTable(
    'blocked jobs count as ready',
    'if grouped.isBlocked(flag) then grouped.blocked = grouped.blocked + waits end',
    '',
  ),
  inGroups(
    'no push to groups wakes anybody',
    'S.isQuiet = grouped.blocked - blocked == #records / 2',
    'S.isQuiet = true',
  ),
  inLimits(
    'an ordered group goes on while a job waits for its next attempt',
    "if delay > 0 or crashes > 0 then grouped.holdBack(id) else push = 'LPUSH' end",
    "if delay == 0 and crashes == 0 then push = 'LPUSH' end",
  ),
  inLimits(
    'a job of an ordered group that waits for no time goes to the end',
    "if delay > 0 or crashes > 0 then grouped.holdBack(id) else push = 'LPUSH' end",
    'if delay > 0 or crashes > 0 then grouped.holdBack(id) end',
  ),
  inLimits(
    'a lost job of an ordered group lets the others pass',
    'for i = 1, #ids do grouped.holdBack(ids[i]) end',
    '',
  ),
  inLimits('a recovered job holds its group for ever', 'grouped.unhold(grouped.of(first), ids[1])', ''),
  inTable(
    'a job that is due holds its group for ever',
    "local comesBack = group.holders ~= '' and grouped.unhold(group, id)",
    'local comesBack = false',
  ),
  inTable(
    'a job for which its ordered group waited goes to the end',
    "local isFirst = comesBack or push == 'LPUSH' and grouped.isOrdered",
    "local isFirst = push == 'LPUSH' and grouped.isOrdered",
  ),
  inGroups('a dropped job holds its group for ever', 'if grouped.held > 0 then', 'if false then'),
  inRanks(
    'a priority counts for nothing within a group',
    'if value == 0 then return false end',
    'if not isFirst then return false end',
  ),
  inTable(
    'a job of an ordered group that comes back stands by its priority',
    "local isFirst = comesBack or push == 'LPUSH' and grouped.isOrdered",
    'local isFirst = false',
  ),
  inTable('jobs of a group with a priority are not counted', 'group.ranked = group.ranked + 1', ''),
  inTable('the turns of the priorities of a group outlive its jobs', 'if waits == 0 then group.mixed = 0 end', ''),
  inRanks(
    'the lowest priority of a group gets nothing',
    'if group.mixed < lowEach then return false end',
    'if true then return false end',
  ),
  inRanks('the lowest priority of a group gets each job', 'if group.mixed < lowEach then return false end', ''),
  inRanks('the lowest priority passes the jobs of priority 0', 'if hasPlain and lowest > 0 then return end', ''),
  inRanks(
    'a job that comes back to an ordered group waits for the lowest priority',
    'local owesLow = score >= ${BELOW_HIGHEST} and grouped.owesLow(group)',
    'local owesLow = grouped.owesLow(group)',
  ),
  inRanks(
    'jobs below 0 come before those of 0 within a group',
    'elseif hasPlain and score >= 0 then',
    'elseif false then',
  ),
  inRanks('claimed jobs keep their place by priority in their group', "redis.call('ZREM', key, id)", ''),
  inGroups(
    'a job with a priority that is taken out of its group keeps its place',
    "if group.ranked > 0 and redis.call('ZREM', ${ranksOfGroup('group.name')}, id) == 1 then",
    'if false then',
  ),
  inClear(
    'clear leaves the jobs of a group with a priority',
    'if from < group.ranked then return takeOldRanked(group, from, most) end',
    '',
  ),
  inClear('a removed queue leaves the jobs of its groups with a priority', 'if group.ranked > 0 then', 'if false then'),
];
