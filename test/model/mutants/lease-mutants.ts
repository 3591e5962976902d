import { inFile } from './in-file.js';

const inStep = inFile('redis', 'lib/drivers/redis/scripts/step.script.ts');
const inHeartbeat = inFile('redis', 'lib/drivers/redis/scripts/heartbeat.script.ts');
const inLeave = inFile('redis', 'lib/drivers/redis/scripts/leave.script.ts');
const inSilence = inFile('redis', 'lib/drivers/redis/scripts/silence.ts');
const LOST = `local lost = redis.call('ZRANGE', workers, '-inf', now, 'BYSCORE', 'LIMIT', 0, 1)[1]`;

/** Faults of leases, and of taking the jobs of lost holders over. */
export const LEASE_MUTANTS = [
  inStep(
    'who was given up goes on as if nothing had been',
    'if expiry == 0 and (number > 1 or lastNumber > 0) then',
    'if false then',
  ),
  inStep('jobs are taken over a millisecond early', LOST, LOST.replace('now', 'now + 1')),
  inStep('jobs are taken over a millisecond late', LOST, LOST.replace('now', 'now - 1')),
  inStep('jobs are taken over in spite of the grace', 'if now >= graceEnd then', 'if true then'),
  inStep('jobs are never taken over', 'if now >= graceEnd then', 'if false then'),
  inStep(
    'a crash is not counted',
    'setTally(id, attempts, crashes + 1, unknown)',
    'setTally(id, attempts, crashes, unknown)',
  ),
  inStep(
    'a crash counts as an attempt',
    'setTally(id, attempts, crashes + 1, unknown)',
    'setTally(id, attempts + 1, crashes + 1, unknown)',
  ),
  inStep('jobs taken over stay with the lost holder', `redis.call('HDEL', claimedPrefix .. lost, id)`, ''),
  inStep(
    'jobs taken over change their order',
    'table.sort(moved, function(a, b) return a[1] < b[1] end)',
    'table.sort(moved, function(a, b) return a[1] > b[1] end)',
  ),
  inStep('a lost holder stays on the list', `redis.call('ZREM', workers, lost)`, ''),
  inStep('the session of a lost holder stays', `redis.call('DEL', sessionPrefix .. lost)`, ''),
  inStep('suspects are ready like others', 'if crashes > 0 then', 'if false then'),
  inHeartbeat(
    'a heartbeat revives who was given up',
    `if tonumber(redis.call('ZSCORE', workers, worker) or 0) == 0 then return 0 end`,
    '',
  ),
  inHeartbeat('a heartbeat prolongs nothing', `redis.call('ZADD', workers, now + lease, worker)`, ''),
  inLeave('who leaves with jobs takes them away', `if redis.call('HLEN', claimed) > 0 then return 0 end`, ''),
  inLeave('who leaves stays on the list', `redis.call('ZREM', workers, worker)`, ''),
  inSilence(
    'a silence is not noticed',
    'if silent or jumpedBack then graceEnd = now + grace end',
    'if jumpedBack then graceEnd = now + grace end',
  ),
];
