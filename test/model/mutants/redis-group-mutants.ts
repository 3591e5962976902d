import { inFile } from './in-file.js';

const inGroups = inFile('redis', 'lib/drivers/redis/scripts/parts/groups.part.ts');
const inClaim = inFile('redis', 'lib/drivers/redis/scripts/parts/claim-groups.part.ts');
const inClear = inFile('redis', 'lib/drivers/redis/scripts/parts/clear-groups.part.ts');

/** Faults of the groups of jobs in Redis. */
export const REDIS_GROUP_MUTANTS = [
  inGroups(
    'a recovered job stands in its group',
    "return crashes == 0 and traitOf(id, '${GROUP_OF}') or nil",
    "return traitOf(id, '${GROUP_OF}') or nil",
  ),
  inGroups('a requeued job goes to the end of its group', `if push == 'LPUSH' then`, 'if false then'),
  inGroups('a new job goes to the front of its group', 'elseif grouped.countOf(group) == 0 then', 'elseif true then'),
  inGroups('a group enters the ring with each of its jobs', 'if group.isInRing then return end', ''),
  inGroups('a group never enters the ring', 'grouped.entering[#grouped.entering + 1] = group.name', ''),
  inGroups('a group without jobs is not stale in the ring', 'group.passed = group.passed + 1', ''),
  inGroups(
    'a group without jobs keeps its turn',
    'if group.isInRing and grouped.countOf(group) == 0 then',
    'if false then',
  ),
  inGroups(
    'a list of stale elements of a group stays',
    'if group.behind == 0 and group.stale > 0 then',
    'if false then',
  ),
  inGroups('the keys of the groups stay', 'if grouped.waiting <= 0 then', 'if false then'),
  inGroups(
    'states of groups without jobs stay',
    `if #ended > 0 then redis.call('HDEL', groups, unpack(ended)) end`,
    '',
  ),
  inGroups('stale elements of a group are claimed', 'isStale, found = forgetStale(goneKey, popped)', ''),
  inGroups('the next job of a group is lost', 'if #ids > count then group.head = table.remove(ids) end', ''),
  inGroups('a listener sleeps while jobs with a group wait', 'S.apart = S.apart + grouped.waiting', ''),
  inGroups(
    'the first element of a job is taken out of its group',
    `if redis.call('LREM', list, -1, id) == 0 then return end`,
    `if redis.call('LREM', list, 1, id) == 0 then return end`,
  ),
  inGroups('a job that is taken out of its group is claimed', `redis.call('HINCRBY', goneKey, id, 1)`, ''),
  inGroups('a replaced job stays in its old group', 'if name ~= grouped.nameOf(id, 0) then', 'if false then'),
  inClaim(
    'a group gives all its jobs in one turn',
    'if grouped.countOf(group) > 0 then serve(group) end',
    'for _ = 1, math.min(grouped.countOf(group), want - #turns) do serve(group) end',
  ),
  inClaim(
    'the groups in the ring wait for those that were served',
    'while isWhole and #turns < want and more[at] do',
    'while #turns < want and more[at] do',
  ),
  inClaim('places of a claim stay empty', 'while isWhole and #turns < want and more[at] do', 'while false do'),
  inClaim('a served group does not enter the ring again', 'for i = at, #more do grouped.enterRing(more[i]) end', ''),
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
  inClaim('claimed jobs with a group still count as ready', 'S.apart = S.apart - (before - grouped.waiting)', ''),
  inClear(
    'clear takes new jobs out of their groups',
    'local function isOld(record) return (record and tonumber(string.sub(record, 1, 13)) or 0) <= pushedBy end',
    'local function isOld() return true end',
  ),
  inClear('clear leaves the first job of a group', 'if first and isOld(records[1]) then', 'if false then'),
  inClear('clear forgets only some of the stale elements', 'group.stale = group.stale - found', ''),
  inClear('a removed queue leaves its groups', 'if grouped.sum and left > 0 then', 'if false then'),
];
