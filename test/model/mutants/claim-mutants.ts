import { inFile } from './in-file.js';

const inPolls = inFile('redis', 'lib/drivers/redis/scripts/parts/polls.part.ts');
const inClaim = inFile('redis', 'lib/drivers/redis/scripts/parts/claim.part.ts');
const inRecover = inFile('redis', 'lib/drivers/redis/scripts/parts/recover.part.ts');
const inPromote = inFile('redis', 'lib/drivers/redis/scripts/parts/promote.part.ts');
const inWake = inFile('redis', 'lib/drivers/redis/scripts/parts/wake.part.ts');

/** Faults of claims and promotions. */
export const CLAIM_MUTANTS = [
  inPolls('a poll that arrives twice is carried out twice', 'if number <= S.last then', 'if false then'),
  inPolls(
    'an old poll gets the answer of the poll in its slot',
    'if tonumber(owner) ~= number then return { -1, S.last } end',
    '',
  ),
  inPolls('an early poll is executed', 'if after > S.last then return { 3, S.last } end', ''),
  inPolls('the second answer overwrites the first one', `S.slot = number % 2 == 0 and '0' or '1'`, `S.slot = '0'`),
  inPolls('the answer of a poll that arrives twice lacks a job', 'for i = 1, count do', 'for i = 2, count do'),
  inClaim(
    'fences do not grow',
    'S.fence = math.max(S.fence + #ids, now * 1000)',
    'S.fence = math.max(S.fence, now * 1000)',
  ),
  inClaim('claimed jobs are held by nobody', `redis.call('HSET', claimed, unpack(holds))`, ''),
  inClaim(
    'a recovered job comes on top of the limit',
    `local popped = redis.call('LPOP', ready, S.limit - #taken)`,
    `local popped = redis.call('LPOP', ready, S.limit)`,
  ),
  inRecover(
    'recovered jobs are handed out to who wants none',
    `if S.limit > #taken and takesRecovered == '1' and S.recoveredDepth > 0 then`,
    'if S.limit > #taken and S.recoveredDepth > 0 then',
  ),
  inPromote('due jobs stay among the delayed ones', `redis.call('ZREMRANGEBYRANK', delayed, 0, #due - 1)`, ''),
  inPromote(
    'due jobs come before those that are ready',
    `redis.call('RPUSH', ready, unpack(due))`,
    `redis.call('LPUSH', ready, unpack(due))`,
  ),
  inPromote(
    'jobs are due a millisecond late',
    'if head[2] and tonumber(head[2]) * 1000 <= now + 0.5 then',
    'if head[2] and tonumber(head[2]) * 1000 <= now - 0.5 then',
  ),
  inPromote(
    'due recovered jobs are ready like others',
    `enqueue('RPUSH', due[i], crashes)`,
    `enqueue('RPUSH', due[i], 0)`,
  ),
  inWake('ready jobs that are left wake nobody', 'local wakes = S.depth + S.apart > 0', 'local wakes = false'),
];
