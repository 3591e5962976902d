import { inFile } from './in-file.js';

const inPush = inFile('redis', 'lib/drivers/redis/scripts/parts/store.part.ts');
const inReader = inFile('redis', 'lib/drivers/redis/redis-inspector.ts');
const inClear = inFile('redis', 'lib/drivers/redis/scripts/parts/drop.part.ts');

/** Faults of pushes and clears. */
export const PUSH_MUTANTS = [
  inPush(
    'a push that arrives twice is carried out twice',
    `if redis.call('HSETNX', producer, call, '') == 0 then return -1 end`,
    `redis.call('HSETNX', producer, call, '')`,
  ),
  inPush('an id twice in one push is two jobs', 'if seen[id] then return true end', ''),
  inPush(
    'an id whose status is kept is taken again',
    `return redis.call('HEXISTS', jobs, id) == 1 or redis.call('EXISTS', statusPrefix .. id) == 1`,
    `return redis.call('HEXISTS', jobs, id) == 1`,
  ),
  inPush('delayed jobs are ready at once', 'if delay > 0 then', 'if false then'),
  inPush(
    'the last job pushed is the next to run',
    `if #waiting > 0 then redis.call('RPUSH', ready, unpack(waiting)) end`,
    `if #waiting > 0 then redis.call('LPUSH', ready, unpack(waiting)) end`,
  ),
  inPush('a push wakes nobody', `redis.call('ZADD', marker, 0, '0')`, ''),
  // A fault in the driver: it repeats the script until a place is empty, and would repeat it for ever if the script
  // kept the jobs that it reports as dropped.
  inReader(
    'clear leaves the delayed jobs',
    `const PLACES = ['delayed', 'ready', 'recovered'] as const;`,
    `const PLACES = ['ready', 'recovered'] as const;`,
  ),
  inClear('clear leaves the tries', `redis.call('HDEL', attempts, unpack(old))`, ''),
  inClear('clear drops what was pushed since', 'if pushedAt <= pushedBy then', 'if true then'),
  inClear('clear leaves the statuses', `redis.call('UNLINK', unpack(statuses))`, ''),
];
