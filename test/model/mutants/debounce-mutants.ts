import { inFile } from './in-file.js';

const inDebounce = inFile('redis', 'lib/drivers/redis/scripts/parts/debounce.part.ts');
const inArray = inFile('array', 'lib/drivers/array/array-queue.ts');

/** Faults of debounced jobs. */
export const DEBOUNCE_MUTANTS = [
  inDebounce(
    'a job that has started is replaced',
    `if #freed > 0 then redis.call('HDEL', debounce, unpack(freed)) end`,
    '',
  ),
  inDebounce(
    'a job is put off beyond its longest time',
    'local due = math.min(now + delay, last)',
    'local due = now + delay',
  ),
  inDebounce('a job that is due is put off, and runs as well', 'takeReady(id)', ''),
  inDebounce(
    'the record of a replaced job stays',
    `redis.call('HSET', jobs, id, string.format('%.0f', now) .. one.record)`,
    '',
  ),
  inDebounce('the traits of a replaced job stay', `redis.call('HSET', traits, id, one.traits)`, ''),
  inDebounce('a job is replaced over another record', 'return redis.sha1hex(record) == expected', 'return true'),
  inDebounce('a replaced job counts from an older time', `redis.call('HDEL', attempts, id)`, ''),
  inArray('a started job is replaced in memory', 'if (job.traits.debounce) this.debounce.free(job);', ''),
];
