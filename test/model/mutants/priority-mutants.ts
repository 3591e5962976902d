import { inFile } from './in-file.js';

const inPriority = inFile('redis', 'lib/drivers/redis/scripts/parts/priority.part.ts');
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
    'claimed jobs keep their place by priority',
    `if from == '-inf' then redis.call('ZREMRANGEBYRANK', priority, 0, #ids - 1) else redis.call('ZREM', priority, unpack(ids)) end`,
    '',
  ),
  inPriority('a job that goes back to the queue loses its priority', 'S.mayRank = S.turn ~= nil', 'S.mayRank = false'),
  inPriority('a failed job that is put back loses its priority', 'S.mayRank = true', 'S.mayRank = false'),
  inPriority('a job that waits for its retry loses its priority', "putOff: putOff(`S.traits = '1'`),", ''),
  inPriority('a job that is put off loses its priority', "on: { putOff: putOff(noteInMeta('traits')) },", ''),
  inTraits(
    'a delayed job loses its priority',
    "if traitTexts[id] and (delay > 0 or not (${isPriorityAlone('S.newTraits')})) then",
    "if traitTexts[id] and not (${isPriorityAlone('S.newTraits')}) then",
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
  inPriority(
    'jobs below 0 are never claimed',
    `if S.mixes and S.limit > #taken then takeRange('-inf', '+inf', S.limit - #taken, taken) end`,
    '',
  ),
  inPriority(
    'jobs below 0 come before those of 0',
    `if S.limit > #taken then takeRange('-inf', '(0', S.limit - #taken, taken) end`,
    `if S.limit > #taken then takeRange('-inf', '+inf', S.limit - #taken, taken) end`,
  ),
  inPriority('a listener sleeps while jobs with a priority wait', 'S.apart = S.apart + S.byPriority', ''),
  inPriority(
    'a job with a priority that is taken out keeps its place',
    `if redis.call('ZREM', priority, id) == 1 then return end`,
    'if false then return end',
  ),
  inPriority(
    'clear leaves jobs with a priority',
    `if place == 'prioritized' then key, isList = priority, false end`,
    '',
  ),
  inPriority('the places of a removed queue stay', `redis.call('UNLINK', priority)`, ''),
  inTraits('the traits of ended jobs stay', `if state ~= 'failed' then forgetTraits(ids) end`, ''),
  inTraits(
    'the traits of a failed job are forgotten',
    `if state ~= 'failed' then forgetTraits(ids) end`,
    'forgetTraits(ids)',
  ),
  inTraits('nobody looks for traits', "${noteInMeta('traits')}", `redis.call('HSET', meta, 'traits', '0')`),
  inReady('a requeued job goes to the end', 'this.enter(job).unshift(job);', 'this.enter(job).push(job);'),
  inReady(
    'the lowest priority gets nothing',
    'const jobs = this.takeOf(this.priorities().at(-1)!, Math.min(owed, count));',
    'const jobs: ArrayJob[] = [];',
  ),
  inReady('the lowest priority gets its share of each call', 'this.mixed += jobs.length;', ''),
  inReady('the lowest priority comes first', 'return all.sort((a, b) => b - a);', 'return all.sort((a, b) => a - b);'),
];
