import { inFile } from './in-file.js';

const inSettle = inFile('redis', 'lib/drivers/redis/scripts/parts/settle.part.ts');
const inForget = inFile('redis', 'lib/drivers/redis/scripts/parts/forget.part.ts');
const inRetain = inFile('redis', 'lib/drivers/redis/scripts/parts/retain.part.ts');
const inStatus = inFile('redis', 'lib/drivers/redis/scripts/parts/status.part.ts');
const inCompose = inFile('redis', 'lib/drivers/redis/scripts/compose-script.ts');

/** Faults of settlements. */
export const SETTLE_MUTANTS = [
  inSettle('completion ignores the fence', 'if fence == told[i] then', 'if fence then'),
  inSettle(
    'completion ignores who holds the job',
    `local fences = redis.call('HMGET', claimed, unpack(done))`,
    'local fences = told',
  ),
  inSettle(
    'settlements ignore the fence',
    `if redis.call('HGET', claimed, id) ~= fence then`,
    `if not redis.call('HGET', claimed, id) then`,
  ),
  inSettle('settlements ignore who holds the job', `if redis.call('HGET', claimed, id) ~= fence then`, 'if false then'),
  inForget(
    'the record of an ended job stays',
    `const FORGET = \`redis.call('HDEL', jobs, unpack(ids))`,
    'const FORGET = `',
  ),
  inSettle(
    'the tries of a completed job stay',
    `if S.hasAttempts then redis.call('HDEL', attempts, unpack(done)) end`,
    '',
  ),
  inSettle('a completed job is held still', `redis.call('HDEL', claimed, unpack(done))`, ''),
  inRetain('a failed job is not counted', `redis.call('ZADD', failed, unpack(kept))`, ''),
  inSettle(
    'a retry does not count the attempt',
    `setAttempts(id, tries + 1, crashes, '0', since, releases)`,
    `setAttempts(id, tries, crashes, '0', since, releases)`,
  ),
  inSettle(
    'a retry forgets the crashes',
    `setAttempts(id, tries + 1, crashes, '0', since, releases)`,
    `setAttempts(id, tries + 1, 0, '0', since, releases)`,
  ),
  inSettle(
    'a retry forgets the releases',
    `setAttempts(id, tries + 1, crashes, '0', since, releases)`,
    `setAttempts(id, tries + 1, crashes, '0', since, '')`,
  ),
  inSettle(
    'a retry forgets since when a job waits that was put back',
    `setAttempts(id, tries + 1, crashes, '0', since, releases)`,
    `setAttempts(id, tries + 1, crashes, '0', '', releases)`,
  ),
  inSettle(
    'a release is not counted',
    `count = string.format('%d', (tonumber(releases) or 0) + 1)`,
    `count = string.format('%d', tonumber(releases) or 1)`,
  ),
  inSettle(
    'a job that goes back after its start loses its count',
    `elseif kind == 'halted' and releases == '' then`,
    `elseif kind == 'halted' then`,
  ),
  inSettle(
    'a job that goes back after its start goes to the end',
    `elseif kind == 'front' or kind == 'halted' then`,
    `elseif kind == 'front' then`,
  ),
  inSettle(
    'jobs put back go to the end',
    `for i = 1, #fronts do enqueue('LPUSH', fronts[i][2], fronts[i][3]) end`,
    `for i = 1, #fronts do enqueue('RPUSH', fronts[i][2], fronts[i][3]) end`,
  ),
  inSettle(
    'jobs put back change their order',
    'table.sort(fronts, function(a, b) return a[1] > b[1] end)',
    'table.sort(fronts, function(a, b) return a[1] < b[1] end)',
  ),
  inSettle('released jobs go to the front', 'enqueue(push, id, crashes)', `enqueue('LPUSH', id, crashes)`),
  inCompose(
    'a poll that arrives twice forgets what it refused',
    '`  if lists[word] then told = lists[word] else told[#told + 1] = word end`,',
    '`  if lists[word] then told = lists[word] end`,',
  ),
  inStatus(
    'the status of an ended job is kept for ever',
    `redis.call('SET', statusPrefix .. id, textOf(id, state, attempt, errorText), 'EX', ttl)`,
    `redis.call('SET', statusPrefix .. id, textOf(id, state, attempt, errorText))`,
  ),
  inSettle(
    'since when a name is not known begins anew',
    "from = unknown == '0' and ${bigText('now')} or unknown",
    "from = ${bigText('now')}",
  ),
  inSettle(
    'a name that is known stays unknown',
    `local from, count = '0', releases`,
    `local from, count = unknown, releases`,
  ),
  inSettle(
    'a retry keeps since when a name was not known',
    `setAttempts(id, tries + 1, crashes, '0', since, releases)`,
    `setAttempts(id, tries + 1, crashes, unknown, since, releases)`,
  ),
  inSettle(
    'a release of a job whose name is not known is counted',
    `elseif kind == 'back' then`,
    `end if kind == 'back' or kind == 'unknown' then`,
  ),
];
