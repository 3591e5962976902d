import { inFile } from './in-file.js';

const inStep = inFile('redis', 'lib/drivers/redis/scripts/step.script.ts');

/** Faults of settling. */
export const SETTLE_MUTANTS = [
  inStep('completion ignores the fence', 'if fences[i] == told[i] then', 'if fences[i] then'),
  inStep(
    'completion ignores who holds the job',
    `local fences = redis.call('HMGET', claimed, unpack(done))`,
    'local fences = told',
  ),
  inStep(
    'settlements ignore the fence',
    `if redis.call('HGET', claimed, id) ~= fence then`,
    `if not redis.call('HGET', claimed, id) then`,
  ),
  inStep('settlements ignore who holds the job', `if redis.call('HGET', claimed, id) ~= fence then`, 'if false then'),
  inStep('the record of a completed job stays', `redis.call('HDEL', jobs, unpack(done))`, ''),
  inStep('the record of a failed job stays', `redis.call('HDEL', jobs, id)`, ''),
  inStep('the attempts of a completed job stay', `if tallied then redis.call('HDEL', tally, unpack(done)) end`, ''),
  inStep('a completed job is held still', `redis.call('HDEL', claimed, unpack(done))`, ''),
  inStep('a failed job is not counted', `redis.call('ZADD', failed, unpack(failures))`, ''),
  inStep(
    'a retry does not count the attempt',
    `setTally(id, attempts + 1, crashes, '0')`,
    `setTally(id, attempts, crashes, '0')`,
  ),
  inStep(
    'a retry forgets the crashes',
    `setTally(id, attempts + 1, crashes, '0')`,
    `setTally(id, attempts + 1, 0, '0')`,
  ),
  inStep(
    'jobs put back go to the end',
    `for i = 1, #fronts do enqueue('LPUSH', fronts[i][2], fronts[i][3]) end`,
    `for i = 1, #fronts do enqueue('RPUSH', fronts[i][2], fronts[i][3]) end`,
  ),
  inStep(
    'jobs put back change their order',
    'table.sort(fronts, function(a, b) return a[1] > b[1] end)',
    'table.sort(fronts, function(a, b) return a[1] < b[1] end)',
  ),
  inStep('released jobs go to the front', `enqueue('RPUSH', id, crashes)`, `enqueue('LPUSH', id, crashes)`),
  inStep(
    'a step that arrives twice forgets what it refused',
    `for id in string.gmatch(last[4], '[^ ]+') do refused[#refused + 1] = id end`,
    '',
  ),
  inStep(
    'the status of an ended job is kept for ever',
    `redis.call('SET', statusPrefix .. id, text .. '}', 'EX', statusTtl)`,
    `redis.call('SET', statusPrefix .. id, text .. '}')`,
  ),
  inStep(
    'since when a name is not known begins anew',
    `if kind == 'unknown' and unknown == '0' then`,
    `if kind == 'unknown' then`,
  ),
];
