import { inFile } from './in-file.js';

const inPoll = inFile('redis', 'lib/drivers/redis/scripts/poll.script.ts');

/** Faults of settling. */
export const SETTLE_MUTANTS = [
  inPoll('completion ignores the fence', 'if fences[i] == told[i] then', 'if fences[i] then'),
  inPoll(
    'completion ignores who holds the job',
    `local fences = redis.call('HMGET', claimed, unpack(done))`,
    'local fences = told',
  ),
  inPoll(
    'settlements ignore the fence',
    `if redis.call('HGET', claimed, id) ~= fence then`,
    `if not redis.call('HGET', claimed, id) then`,
  ),
  inPoll('settlements ignore who holds the job', `if redis.call('HGET', claimed, id) ~= fence then`, 'if false then'),
  inPoll('the record of a completed job stays', `redis.call('HDEL', jobs, unpack(done))`, ''),
  inPoll('the record of a failed job stays', `redis.call('HDEL', jobs, id)`, ''),
  inPoll('the tries of a completed job stay', `if hasAttempts then redis.call('HDEL', attempts, unpack(done)) end`, ''),
  inPoll('a completed job is held still', `redis.call('HDEL', claimed, unpack(done))`, ''),
  inPoll('a failed job is not counted', `redis.call('ZADD', failed, unpack(failures))`, ''),
  inPoll(
    'a retry does not count the attempt',
    `setAttempts(id, tries + 1, crashes, '0')`,
    `setAttempts(id, tries, crashes, '0')`,
  ),
  inPoll(
    'a retry forgets the crashes',
    `setAttempts(id, tries + 1, crashes, '0')`,
    `setAttempts(id, tries + 1, 0, '0')`,
  ),
  inPoll(
    'jobs put back go to the end',
    `for i = 1, #fronts do enqueue('LPUSH', fronts[i][2], fronts[i][3]) end`,
    `for i = 1, #fronts do enqueue('RPUSH', fronts[i][2], fronts[i][3]) end`,
  ),
  inPoll(
    'jobs put back change their order',
    'table.sort(fronts, function(a, b) return a[1] > b[1] end)',
    'table.sort(fronts, function(a, b) return a[1] < b[1] end)',
  ),
  inPoll('released jobs go to the front', `enqueue('RPUSH', id, crashes)`, `enqueue('LPUSH', id, crashes)`),
  inPoll(
    'a poll that arrives twice forgets what it refused',
    `for id in string.gmatch(last[4], '[^ ]+') do refused[#refused + 1] = id end`,
    '',
  ),
  inPoll(
    'the status of an ended job is kept for ever',
    `redis.call('SET', statusPrefix .. id, text .. '}', 'EX', statusTtl)`,
    `redis.call('SET', statusPrefix .. id, text .. '}')`,
  ),
  inPoll(
    'since when a name is not known begins anew',
    `if kind == 'unknown' and unknown == '0' then`,
    `if kind == 'unknown' then`,
  ),
];
