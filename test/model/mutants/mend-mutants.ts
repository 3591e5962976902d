import { inFile } from './in-file.js';

const inRetry = inFile('redis', 'lib/drivers/redis/scripts/parts/retry.part.ts');
const inFailed = inFile('redis', 'lib/drivers/redis/scripts/parts/failed.part.ts');
const inAnswer = inFile('redis', 'lib/drivers/redis/scripts/parts/answer.part.ts');
const inRetain = inFile('redis', 'lib/drivers/redis/scripts/parts/retain.part.ts');
const inRemove = inFile('redis', 'lib/drivers/redis/scripts/parts/remove.part.ts');
const inReschedule = inFile('redis', 'lib/drivers/redis/scripts/parts/reschedule.part.ts');
const inReplace = inFile('redis', 'lib/drivers/redis/scripts/parts/replace.part.ts');
const inObliterate = inFile('redis', 'lib/drivers/redis/scripts/parts/obliterate.part.ts');
const inOwnStatus = inFile('redis', 'lib/drivers/redis/scripts/parts/own-status.part.ts');
const inMender = inFile('array', 'lib/drivers/array/array-mender.ts');
const inJob = inFile('array', 'lib/drivers/array/array-job.ts');

/** Faults of the changes of an operator. */
export const MEND_MUTANTS = [
  inAnswer('a change that arrives twice is answered anew', 'if told then return tonumber(told) end', ''),
  inFailed('a job that is put back stays among the failed ones', `redis.call('ZREM', failed, id)`, ''),
  inRetry(
    'a job without a failure is put back',
    `local stays = not isKept or isElsewhere or redis.call('HEXISTS', jobs, id) == 0`,
    `local stays = isElsewhere or redis.call('HEXISTS', jobs, id) == 0`,
  ),
  inRetry('the status of a job that is put back stays', `for i = 1, #ids do setStatus(ids[i], 'queued', 0) end`, ''),
  inRetry(
    'a job is put back to the front',
    `if #toReady > 0 then redis.call('RPUSH', ready, unpack(toReady)) end`,
    `if #toReady > 0 then redis.call('LPUSH', ready, unpack(toReady)) end`,
  ),
  inRetry('nobody is woken for a job that is put back', `redis.call('ZADD', marker, 0, '0')`, ''),
  inRetry(
    'the name of a job that is put back is forgotten',
    'local isElsewhere, name = ownerOf(id)',
    'local isElsewhere, name = ownerOf(id), nil',
  ),
  inRetain('the records expire although a job was put back', 'on: { retried: PERSIST_KEPT },', "on: { retried: '' },"),
  inRemove('the record of a removed job stays', 'forget(ended)', ''),
  inRemove('the status of a removed job stays', `redis.call('UNLINK', unpack(statuses))`, ''),
  inRemove(
    'a removed job stays among the completed ones',
    `redis.call('LREM', completedIds, 2 * index < completedBefore + #completedRead and 1 or -1, element)`,
    '',
  ),
  inRemove('the attempts of a removed job stay', `redis.call('HDEL', attempts, unpack(waited))`, ''),
  inRemove(
    'the notes and the id of a removed job stay',
    `\${hook('dropped', 'waited')}`,
    `\${hook('dropped', "{ 'nobody' }")}`,
  ),
  inRemove(
    'a job that was tried is removed with the queued ones',
    `if tries + crashes > 0 then return 'retrying' end`,
    '',
  ),
  inRemove(
    'a waiting job is removed with the failed ones',
    'if not place or not isMeant(stateOf(id, place)) then return end',
    'if not place then return end',
  ),
  inRemove(
    'a failed job is removed with the completed ones',
    'if wantsFailed then takeFailed(id) else isListed = false end',
    'takeFailed(id)',
  ),
  inRemove(
    'a completed job is removed with the cancelled ones',
    `if not element or not isMeant(mark == 'x' and 'cancelled' or 'completed') then return false, false end`,
    'if not element then return false, false end',
  ),
  inReschedule('a job that is delayed later stays ready', `if place ~= 'delayed' then takeWaiting(id) end`, ''),
  inReschedule(
    'a recovered job that is promoted becomes a ready one',
    `if crashes > 0 then redis.call('RPUSH', recovered, id) else enqueue('RPUSH', id, crashes) end`,
    `enqueue('RPUSH', id, crashes)`,
  ),
  inReschedule(
    'nobody knows since when a job waits that is rescheduled',
    `setAttempts(id, 0, 0, unknown, string.format('%.0f', now + delay), releases)`,
    '',
  ),
  inReschedule(
    'the releases of a job that is rescheduled are forgotten',
    `setAttempts(id, 0, 0, unknown, string.format('%.0f', now + delay), releases)`,
    `setAttempts(id, 0, 0, unknown, string.format('%.0f', now + delay), '')`,
  ),
  inReschedule(
    'a retry that is rescheduled was first due at its new time',
    'if tries + crashes == 0 then',
    'if crashes == 0 then',
  ),
  inRetry(
    'nobody knows that a job has started that is put back',
    'anew[2 * i] = ${ANEW}',
    `anew[2 * i] = string.format('0:0:0:%.0f', now)`,
  ),
  inReschedule('a job that is delayed later is told as ready', `changeState(id, 'queued', 'delayed')`, ''),
  inReschedule('a job that is promoted is told as delayed', `changeState(id, 'delayed', 'queued')`, ''),
  inReschedule('nobody is woken for a job that is promoted', `redis.call('ZADD', marker, 0, '0')`, ''),
  inReschedule('a ready job is promoted', `if place and (only == '' or place == only) then`, `if place then`),
  inReplace(
    'the record of another job is replaced',
    `if known and string.sub(known, \${TIME + 1}, \${TIME + 1} + #header) == header .. '\\\\n' then`,
    'if known then',
  ),
  inReplace(
    'the record of a job that does not wait is replaced',
    `local known = placeOf(id) and redis.call('HGET', jobs, id)`,
    `local known = redis.call('HGET', jobs, id)`,
  ),
  inObliterate('a queue is removed while jobs run', 'if running > 0 then', 'if false then'),
  inObliterate('a queue is removed while workers come back', 'if now >= grace then late = 0 end', 'late = 0'),
  inObliterate(
    'nobody knows that workers were waited for',
    'if now - math.max(S.seen or 0, S.looked or 0) > ${GRACE} then grace = now + ${GRACE} end',
    'grace = now + ${GRACE}',
  ),
  inOwnStatus('the status of an ended job that is removed stays', `redis.call('UNLINK', statusPrefix .. id)`, ''),
  inObliterate('the ids of a removed queue stay', `if #own > 0 then redis.call('HDEL', givenIds, unpack(own)) end`, ''),
  inObliterate('the statistics of a removed queue stay', `redis.call('UNLINK', unpack(names))`, ''),
  inObliterate(
    'the pause of a removed queue stays',
    `redis.call('HDEL', meta, 'paused', 'pausedUntil', 'heldUntil', 'groupsHeldUntil', 'looked', 'given', 'notes', 'logs', 'traits', 'gone', 'cancels', 'limits')`,
    '',
  ),
  inObliterate('the jobs of a lost worker stay', `if left > 0 then left = left - takeHeld(dead[i], left) end`, ''),
  inMender(
    'the record of another job is replaced',
    'if (!job?.body.startsWith(`${header}\\n`)) return false;',
    'if (!job) return false;',
  ),
  inMender(
    'a job that is promoted stays delayed',
    'this.waiting.toBack(job, delay, this.clock.monotonic());',
    'this.waiting.toBack(job, 1, this.clock.monotonic());',
  ),
  inMender('a job that is put back stays among the failed ones', 'this.kept.failed.delete(id);', ''),
  inMender(
    'a waiting job is removed with the failed ones',
    'if (!isMeant(listedStateOf(job)) || !this.waiting.remove(job)) return false;',
    'if (!this.waiting.remove(job)) return false;',
  ),
  inJob('a job that is put back keeps its attempts', 'job.attempts = 0;', ''),
  inJob('a job that is put back keeps its releases', 'job.releases = 0;', ''),
];
