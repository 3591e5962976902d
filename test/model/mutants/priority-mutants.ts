import { inFile } from './in-file.js';

const inPriority = inFile('redis', 'lib/drivers/redis/scripts/parts/priority.part.ts');
const inStale = inFile('redis', 'lib/drivers/redis/scripts/parts/stale.part.ts');
const inGroups = inFile('redis', 'lib/drivers/redis/scripts/parts/groups.part.ts');
const inTraits = inFile('redis', 'lib/drivers/redis/scripts/parts/traits.part.ts');
const inReady = inFile('array', 'lib/drivers/array/array-ready.ts');

/** Faults of priorities, and of the traits of jobs. */
export const PRIORITY_MUTANTS = [
  inPriority(
    'the last job of a priority goes first',
    'S.turn, S.hasNewTurn = math.max((S.turn or 0) + 1, now), true',
    'S.turn, S.hasNewTurn = (S.turn or now) - 1, true',
  ),
  inPriority(
    'a requeued job goes to the end of its priority',
    'if first then turn = tonumber(first) + value * ${PRIORITY_CLASS} - 1 end',
    '',
  ),
  inPriority('a recovered job stands among those of its priority', 'if crashes > 0 then return 0 end', ''),
  inPriority(
    'the last pushed job of a priority goes first',
    `redis.call('RPUSH', list, unpack(newOfLevel[value]))`,
    `redis.call('LPUSH', list, unpack(newOfLevel[value]))`,
  ),
  inPriority(
    'a job that comes back is the next one of its priority',
    `redis.call(push, list, id)`,
    `redis.call('LPUSH', list, id)`,
  ),
  inPriority(
    'a requeued job is the last one of its priority',
    `redis.call(push, list, id)`,
    `redis.call('RPUSH', list, id)`,
  ),
  inPriority(
    'claimed jobs keep their place by priority',
    `local popped = redis.call('LPOP', list, count) or {}`,
    `local popped = redis.call('LRANGE', list, 0, count - 1)`,
  ),
  inPriority('nobody looks for the stale elements of a priority', "${hook('popped', 'value', 'popped')}", ''),
  inStale(
    'a priority stays whose last job was taken out',
    `if tonumber(list) then redis.call('ZREM', priority, list) end`,
    '',
  ),
  inStale(
    'a poll does not ask for the stale elements of priorities',
    `count = count + redis.call('HLEN', goneKey)`,
    '',
  ),
  inGroups(
    'a replaced job that is ready keeps its old priority',
    'if name ~= grouped.nameOf(id, 0) or value ~= priorityOf(id, 0) then',
    'if name ~= grouped.nameOf(id, 0) then',
  ),
  inPriority('a job that goes back to the queue loses its priority', 'S.mayRank = S.turn ~= nil', 'S.mayRank = false'),
  inPriority('a failed job that is put back loses its priority', 'S.mayRank = true', 'S.mayRank = false'),
  inTraits(
    'a delayed job loses its priority',
    "if S.newKind and (delay > 0 or not (${isPriorityAlone('S.newKind')})) then",
    "if S.newKind and not (${isPriorityAlone('S.newKind')}) then",
  ),
  inTraits(
    'a job that moves to another queue loses its priority',
    "export const takeMovedTraits = takeTraitsOf(`ARGV[i + 6] ~= '' and ARGV[i + 6] or priorityText(ARGV[i + 2])`);",
    "export const takeMovedTraits = takeTraitsOf('ARGV[i + 6]');",
  ),
  inPriority(
    'the lowest priority gets nothing',
    'local owed = lowEach > 0 and math.floor(((S.mixed or 0) % lowEach + want) / lowEach) or 0',
    'local owed = 0',
  ),
  inPriority(
    'the lowest priority gets its share of each poll',
    `if S.mixes then redis.call('HSET', meta, 'mixed', (S.mixed or 0) + #ids - S.beforeMix) end`,
    '',
  ),
  inPriority('jobs below 0 are never claimed', `if S.mixes then takeLevels('+inf', taken) end`, ''),
  inPriority('jobs below 0 come before those of 0', `takeLevels('(0', taken)`, `takeLevels('+inf', taken)`),
  inPriority('a listener sleeps while jobs with a priority wait', 'S.apart = S.apart + S.byPriority', ''),
  inPriority(
    'a job with a priority that is taken out keeps its place',
    `if value ~= 0 then return takeFromList(string.format('%d', value), id) end`,
    '',
  ),
  inPriority('clear leaves jobs with a priority', `if list == 'prioritized' then`, 'if false then'),
  inPriority('the priorities of a removed queue stay', `redis.call('UNLINK', priority)`, ''),
  inPriority(
    'the jobs with a priority of a removed queue stay in their places',
    "for _, value in ipairs(redis.call('ZRANGE', priority, 0, -1)) do redis.call('UNLINK', ${keysOfLevel('value')}) end",
    '',
  ),
  inTraits('the traits of ended jobs stay', `if state ~= 'failed' then forgetTraits(ids) end`, ''),
  inTraits(
    'the traits of a failed job are forgotten',
    `if state ~= 'failed' then forgetTraits(ids) end`,
    'forgetTraits(ids)',
  ),
  inTraits(
    'nobody looks for traits',
    "redis.call('HSET', meta, 'traits', told)",
    `redis.call('HSET', meta, 'traits', '0')`,
  ),
  inTraits(
    'all traits count as priorities',
    "if not (${isPriorityAlone('S.newKind')}) then S.toldTraits = '${MAY_HAVE.anything}' end",
    '',
  ),
  inTraits(
    'where nothing tells which traits jobs have, they have priorities',
    "S.traits = redis.call('HLEN', traits) > 0 and '${MAY_HAVE.anything}' or hasPriorities",
    'S.traits = hasPriorities',
  ),
  inTraits(
    'a queue forgets that its jobs have more than priorities',
    "elseif S.traits == '${MAY_HAVE.anything}' then",
    "end if S.traits == '${MAY_HAVE.anything}' then",
  ),
  inReady('a requeued job goes to the end', 'this.enter(job).unshift(job);', 'this.enter(job).push(job);'),
  inReady(
    'the lowest priority gets nothing',
    'const jobs = this.takeOf(this.priorities().at(-1)!, Math.min(owed, count));',
    'const jobs: ArrayJob[] = [];',
  ),
  inReady('the lowest priority gets its share of each call', 'this.mixed += jobs.length;', ''),
  inReady('the lowest priority comes first', 'return all.sort((a, b) => b - a);', 'return all.sort((a, b) => a - b);'),
];
