import { inFile } from './in-file.js';

const inCancel = inFile('redis', 'lib/drivers/redis/scripts/parts/cancel.part.ts');
const inCancelled = inFile('redis', 'lib/drivers/redis/scripts/parts/cancelled.part.ts');
const inSettle = inFile('redis', 'lib/drivers/redis/scripts/parts/settle.part.ts');
const inLivePage = inFile('redis', 'lib/drivers/redis/scripts/parts/live-page.part.ts');
const inArrayCancellations = inFile('array', 'lib/drivers/array/array-cancellations.ts');
const inHeartbeat = inFile('redis', 'lib/drivers/redis/scripts/heartbeat.script.ts');
const inArrayJobs = inFile('array', 'lib/drivers/array/array-jobs.ts');
const inArraySettler = inFile('array', 'lib/drivers/array/array-settler.ts');

/** Faults of cancellations. */
export const CANCEL_MUTANTS = [
  inCancel('nobody remembers that a claimed job was cancelled', `redis.call('HSET', cancelled, id, reasonText)`, ''),
  inCancel('a poll does not learn of cancelled jobs', `redis.call('HDEL', meta, 'cancels')`, ''),
  inCancel(
    'a cancelled job that is retried ends without its consumer',
    `if redis.call('HEXISTS', cancelled, id) == 1 then`,
    'if false then',
  ),
  inCancelled(
    'a cancelled job waits for its next attempt',
    `if kind ~= 'unknown' or tries + crashes == 0 then delay = 0 end`,
    '',
  ),
  inCancelled(
    'a cancelled job does not wait for a consumer that knows its name',
    `if kind ~= 'unknown' or tries + crashes == 0 then delay = 0 end`,
    'delay = 0',
  ),
  inCancelled(
    'a cancelled job that has not run waits for a consumer that knows its name',
    `if kind ~= 'unknown' or tries + crashes == 0 then delay = 0 end`,
    `if kind ~= 'unknown' then delay = 0 end`,
  ),
  inCancelled('a consumer learns of the cancelled jobs of others', 'if fences[i] then', 'if true then'),
  inCancelled('a cancellation outlives a dropped job', `redis.call('HDEL', cancelled, unpack(ids))`, ''),
  inSettle(
    'the attempt of a cancelled job is not counted',
    `endStatus(id, 'cancelled', tries + delay, errorText ~= '' and errorText or nil, completedTtl)`,
    `endStatus(id, 'cancelled', tries, errorText ~= '' and errorText or nil, completedTtl)`,
  ),
  inSettle('a cancelled job is not kept', `forgetCompleted({ id }, { fence }, 'x')`, 'forget({ id })'),
  inCancel(
    'a job that was cancelled while it waited is not kept',
    `forgetCompleted(ended, fences, 'x')`,
    'forget(ended)',
  ),
  inCancel(
    'a kept job is cancelled again',
    `if not redis.call('ZSCORE', delayed, id) and not isClaimed(id) and hasEnded(id) then return false end`,
    '',
  ),
  inCancel(
    'a job that was pushed later is cancelled with all',
    'return record and (tonumber(string.sub(record, 1, 13)) or 0) <= pushedBy',
    'return record',
  ),
  inCancel('a cancelled job is counted twice', 'digit = 3', 'digit = 2'),
  inCancel('of many jobs one is told of', 'digits[i] = digit', 'digits[1] = digit'),
  inLivePage(
    'jobs that were pushed later are listed',
    'if (tonumber(string.sub(pushedAt, 1, 13)) or 0) <= latest and not hasEnded(records[i]) then',
    'if not hasEnded(records[i]) then',
  ),
  inLivePage(
    'ended jobs are listed as live ones',
    'if (tonumber(string.sub(pushedAt, 1, 13)) or 0) <= latest and not hasEnded(records[i]) then',
    'if (tonumber(string.sub(pushedAt, 1, 13)) or 0) <= latest then',
  ),
  inArrayCancellations(
    'a job in memory that was pushed later is cancelled with all',
    'if (job?.queue !== queue || job.pushedAt > pushedBy || this.jobs.isCancelled(id)) continue;',
    'if (job?.queue !== queue || this.jobs.isCancelled(id)) continue;',
  ),
  inHeartbeat(
    'a heartbeat does not call for cancelled jobs',
    '{ result: `(S.isPaused or S.hasCancels or ${IS_HELD}) and 2 or 1` },',
    '{ result: `(S.isPaused or ${IS_HELD}) and 2 or 1` },',
  ),
  inArrayJobs(
    'a consumer in memory learns of the cancelled jobs of others',
    'const held = [...this.cancelled].filter(([id]) => jobs.has(id));',
    'const held = [...this.cancelled];',
  ),
  inArraySettler(
    'a cancelled job in memory waits for its next attempt',
    'return { ...settlement, delay: 0 };',
    'return settlement;',
  ),
];
