import { inFile } from './in-file.js';

const inPolls = inFile('redis', 'lib/drivers/redis/scripts/parts/polls.part.ts');
const inRecover = inFile('redis', 'lib/drivers/redis/scripts/parts/recover.part.ts');
const inExpire = inFile('redis', 'lib/drivers/redis/scripts/parts/expire.part.ts');
const inHeartbeat = inFile('redis', 'lib/drivers/redis/scripts/parts/heartbeat.part.ts');
const inLeave = inFile('redis', 'lib/drivers/redis/scripts/leave.script.ts');
const inSilence = inFile('redis', 'lib/drivers/redis/scripts/parts/silence.part.ts');
const LOST = 'if ends and ends <= now then';

/** Faults of leases, and of the recovery of the jobs of lost consumers. */
export const LEASE_MUTANTS = [
  inPolls(
    'who was given up goes on as if nothing had been',
    'if S.expiry == 0 and (number > 1 or S.last > 0) then',
    'if false then',
  ),
  inRecover('jobs are taken over a millisecond early', LOST, LOST.replace('<= now', '<= now + 1')),
  inRecover('jobs are taken over a millisecond late', LOST, LOST.replace('<= now', '<= now - 1')),
  inRecover('jobs are taken over in spite of the grace', 'if now >= S.grace then', 'if true then'),
  inRecover('jobs are never taken over', 'if now >= S.grace then', 'if false then'),
  inRecover(
    'a crash is not counted',
    'setAttempts(id, tries, crashes + 1, unknown, since, releases)',
    'setAttempts(id, tries, crashes, unknown, since, releases)',
  ),
  inRecover(
    'a crash counts as an attempt',
    'setAttempts(id, tries, crashes + 1, unknown, since, releases)',
    'setAttempts(id, tries + 1, crashes + 1, unknown, since, releases)',
  ),
  inRecover(
    'a crash forgets since when a name is not known',
    'setAttempts(id, tries, crashes + 1, unknown, since, releases)',
    "setAttempts(id, tries, crashes + 1, '0', since, releases)",
  ),
  inRecover(
    'a crash forgets the releases',
    'setAttempts(id, tries, crashes + 1, unknown, since, releases)',
    "setAttempts(id, tries, crashes + 1, unknown, since, '')",
  ),
  inRecover(
    'a crash forgets since when a job waits that was put back',
    'setAttempts(id, tries, crashes + 1, unknown, since, releases)',
    "setAttempts(id, tries, crashes + 1, unknown, '', releases)",
  ),
  inRecover('jobs taken over stay with the lost consumer', `redis.call('HDEL', claimedPrefix .. lost, id)`, ''),
  inRecover(
    'jobs taken over change their order',
    'table.sort(moved, function(a, b) return a[1] < b[1] end)',
    'table.sort(moved, function(a, b) return a[1] > b[1] end)',
  ),
  inRecover('a lost consumer stays on the list', `redis.call('ZREM', consumers, lost)`, ''),
  inRecover('the polls of a lost consumer stays', "redis.call('DEL', ready .. '${POLLS}' .. lost)", ''),
  inRecover('recovered jobs are ready like others', 'if crashes > 0 then', 'if false then'),
  inHeartbeat(
    'a heartbeat revives who was given up',
    `if tonumber(redis.call('ZSCORE', consumers, consumer) or 0) == 0 then return 0 end`,
    '',
  ),
  inSilence('a sign of life prolongs nothing', "redis.call('ZADD', consumers, ${bigText('expires')}, consumer)", ''),
  inLeave('who leaves with jobs takes them away', `if redis.call('HLEN', claimed) > 0 then return 0 end`, ''),
  inLeave('who leaves stays on the list', `redis.call('ZREM', consumers, consumer)`, ''),
  inExpire('the way to a claimed job expires', `if S.held == 0 then redis.call('PERSIST', consumers) end`, ''),
  inExpire(
    'the way to a claimed job keeps its time to live',
    `if S.held == 0 then redis.call('PERSIST', consumers) end`,
    `if S.held > 0 then redis.call('PERSIST', consumers) end`,
  ),
  inExpire(
    'the way to the claimed job of another consumer expires',
    `if type(held) == 'number' and held > 0 then return end`,
    '',
  ),
  inRecover(
    'the next consumer that is lost is the one of this poll',
    'local ends = tonumber(leases[leases[1] == consumer and 4 or 2])',
    'local ends = tonumber(leases[2])',
  ),
  inSilence(
    'a silence is not noticed',
    'if silent or jumpedBack then S.grace = now + grace end',
    'if jumpedBack then S.grace = now + grace end',
  ),
];
