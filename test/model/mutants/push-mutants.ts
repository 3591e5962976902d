import { inFile } from './in-file.js';

const inPush = inFile('redis', 'lib/drivers/redis/scripts/parts/store.part.ts');
const inIds = inFile('redis', 'lib/drivers/redis/scripts/parts/take-ids.part.ts');
const inExceptions = inFile('redis', 'lib/drivers/redis/scripts/parts/exceptions.part.ts');
const inEnds = inFile('redis', 'lib/drivers/redis/scripts/parts/given-ids.part.ts');
const inReader = inFile('redis', 'lib/drivers/redis/redis-inspector.ts');
const inClear = inFile('redis', 'lib/drivers/redis/scripts/parts/drop.part.ts');

/** Faults of pushes and clears. */
export const PUSH_MUTANTS = [
  inPush(
    'a push that arrives twice is carried out twice',
    `if redis.call('HSETNX', producer, call, '') == 0 then`,
    `if redis.call('HSETNX', producer, call, '') == 2 then`,
  ),
  inIds('an id twice in one push is two jobs', 'if seen[id] then return queue, seen[id], true end', ''),
  inIds(
    'an id whose status is kept is taken again',
    'S.skips = holder and (lives or wish ~= ${REPLACES_ENDED})',
    'S.skips = holder and lives',
  ),
  inIds(
    'an id of an ended job is not free for a push that takes it',
    'S.skips = holder and (lives or wish ~= ${REPLACES_ENDED})',
    'S.skips = holder',
  ),
  inIds(
    'an id of a live job is taken again',
    'S.skips = holder and (lives or wish ~= ${REPLACES_ENDED})',
    'S.skips = holder and wish ~= ${REPLACES_ENDED}',
  ),
  inIds(
    'the id of another job is skipped without a word',
    `for _, value in ipairs({ id, name, holder, holderName or '' }) do S.conflicts[#S.conflicts + 1] = value end`,
    '',
  ),
  inExceptions(
    'conflicts and duplicates are forgotten when the push arrives again',
    `redis.call('HSET', producer, call, cjson.encode({ S.conflicts, S.duplicates }))`,
    '',
  ),
  inExceptions('a duplicate is not told', 'S.duplicates[#S.duplicates + 1] = id', 'S.duplicates = {}'),
  inExceptions(
    'a duplicate has the place of another job',
    'S.duplicates[#S.duplicates + 1] = (i - rest - answered) / S.stride',
    'S.duplicates[#S.duplicates + 1] = 0',
  ),
  inIds(
    'a job that failed is counted beside the job that takes its id',
    "redis.pcall('ZREM', base .. '${FAILED}', id)",
    '',
  ),
  inEnds(
    'the name of an ended job is forgotten',
    `local owner = S.hasIds and redis.call('HGET', givenIds, id)`,
    'local owner = false',
  ),
  inEnds('the ids of dropped jobs stay', `redis.call('HDEL', givenIds, unpack(ids))`, ''),
  inPush('delayed jobs are ready at once', 'if delay > 0 then', 'if false then'),
  inPush(
    'the last job pushed is the next to run',
    `if #waiting > 0 then redis.call('RPUSH', ready, unpack(waiting)) end`,
    `if #waiting > 0 then redis.call('LPUSH', ready, unpack(waiting)) end`,
  ),
  inPush('a push wakes nobody', `if not S.isQuiet then redis.call('ZADD', marker, 0, '0') end`, ''),
  // A fault in the driver: it repeats the script until a place is empty, and would repeat it for ever if the script
  // kept the jobs that it reports as dropped.
  inReader(
    'clear leaves the delayed jobs',
    `const PLACES = ['delayed', 'prioritized', 'ready', 'recovered'] as const;`,
    `const PLACES = ['prioritized', 'ready', 'recovered'] as const;`,
  ),
  inClear('clear leaves the tries', `redis.call('HDEL', attempts, unpack(old))`, ''),
  inClear('clear drops what was pushed since', 'elseif pushedAt <= pushedBy then', 'elseif true then'),
  inClear('clear leaves the statuses', `redis.call('UNLINK', unpack(statuses))`, ''),
];
