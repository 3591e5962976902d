import { inFile } from './in-file.js';

const inRetain = inFile('redis', 'lib/drivers/redis/scripts/parts/retain.part.ts');
const inFailures = inFile('redis', 'lib/drivers/redis/scripts/parts/failures.part.ts');
const inIds = inFile('redis', 'lib/drivers/redis/scripts/parts/take-ids.part.ts');
const inKept = inFile('array', 'lib/drivers/array/array-kept.ts');
const inJob = inFile('array', 'lib/drivers/array/array-job.ts');

/** Faults of what is kept of ended jobs. */
export const RETAIN_MUTANTS = [
  inRetain(
    'one completed job too many is kept',
    `local over = redis.call('RPUSH', completedIds, unpack(elements)) - maxCompleted`,
    `local over = redis.call('RPUSH', completedIds, unpack(elements)) - maxCompleted - 1`,
  ),
  inRetain(
    'the records of old completed jobs stay',
    'for i = 1, #old do removed[#removed + 1] = string.sub(old[i], ${COMPLETED_HEAD + 1}) end',
    '',
  ),
  inRetain(
    'of the completed jobs of a poll the first ones are kept',
    'for i = from + 1, #ids do elements[i - from] = stamp .. fences[i] .. mark .. ids[i] end',
    'for i = from + 1, #ids do elements[i - from] = stamp .. fences[i] .. mark .. ids[i - from] end',
  ),
  inRetain(
    'one failed job too many is kept',
    `local over = (S.hasExpiry and keptFailed() or redis.call('ZCARD', failed)) - math.max(maxFailed, 0)`,
    `local over = (S.hasExpiry and keptFailed() or redis.call('ZCARD', failed)) - math.max(maxFailed, 0) - 1`,
  ),
  inRetain(
    'a failed job with a time of its own is removed with the others',
    `if not redis.call('ZSCORE', expiry, ids[i]) then left[#left + 1] = ids[i] end`,
    'left[#left + 1] = ids[i]',
  ),
  inRetain(
    'a failed job with a time of its own does not count as one',
    `redis.call('ZADD', ownTime, unpack(ownFailed))`,
    '',
  ),
  inRetain(
    'the status of a failed job that makes room stays',
    `if #statuses > 0 then redis.call('UNLINK', unpack(statuses)) end`,
    '',
  ),
  inRetain('the record of a failed job that makes room stays', 'forget(ids)', ''),
  inRetain('the records of ended jobs stay for ever', `redis.call('EXPIRE', key, keptTtl)`, ''),
  inRetain(
    'a push leaves the time to live of the records',
    `if redis.call('PERSIST', jobs) == 1 then`,
    'if false then',
  ),
  inRetain('a push leaves the time to live of the lists', `redis.call('PERSIST', ready .. name)`, ''),
  inRetain(
    'the records expire while a job lives',
    `if ended > 0 and redis.call('HLEN', jobs) <= ended and not anyClaimed() then`,
    'if ended > 0 and not anyClaimed() then',
  ),
  inFailures(
    'the last failure is forgotten by the next one',
    "line = line .. '\\\\n' .. (last and string.sub(older, 1, last - 1) or older)",
    '',
  ),
  inFailures(
    'failures stay without their job',
    "if S.hasFailures then redis.call('HDEL', failures, unpack(ids)) end",
    '',
  ),
  inFailures(
    'a failure takes the text of the newer one',
    'local isSame = string.sub(older, tab + 1, first - 1) == text',
    'local isSame = true',
  ),
  inIds(
    'an ended job is taken for a live one',
    `if livesAt(ready, id) then return queue, nameIn(jobs, id), true end`,
    'if true then return queue, nameIn(jobs, id), true end',
  ),
  inIds('what is kept of an ended job stays beside the new one', 'forgetEnded(ready, id)', ''),
  inKept(
    'one failed job too many is kept',
    'while (this.failed.size > maxFailed) {',
    'while (this.failed.size > maxFailed + 1) {',
  ),
  inKept('the status of a failed job that makes room stays', 'this.onDropped(oldest);', ''),
  inKept('what is kept of an ended job stays beside the new one', 'this.completed.delete(id);', ''),
  inJob(
    'the oldest failure comes first',
    'job.failures.unshift({ ...ended, ...(stack !== undefined && { stack }), ...(name !== undefined && { name }) });',
    'job.failures.push({ ...ended, ...(stack !== undefined && { stack }), ...(name !== undefined && { name }) });',
  ),
];
