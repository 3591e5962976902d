import { inFile } from './in-file.js';

const inPoll = inFile('redis', 'lib/drivers/redis/scripts/poll.script.ts');

/** Faults of handing jobs out, and of making them ready. */
export const CLAIM_MUTANTS = [
  inPoll('a poll that arrives twice is carried out twice', 'if number == lastNumber then', 'if false then'),
  inPoll('an old poll is answered as a new one', 'if number < lastNumber then return answer(-1) end', ''),
  inPoll('the answer of a poll that arrives twice lacks a job', 'for i = 1, count do', 'for i = 2, count do'),
  inPoll('fences do not grow', 'fence = math.max(fence + #ids, now * 1000)', 'fence = math.max(fence, now * 1000)'),
  inPoll('claimed jobs are held by nobody', `redis.call('HSET', claimed, unpack(holds))`, ''),
  inPoll(
    'a takesRecovered comes on top of the limit',
    `local popped = redis.call('LPOP', ready, limit - #taken)`,
    `local popped = redis.call('LPOP', ready, limit)`,
  ),
  inPoll(
    'recovered are handed out to who wants none',
    `if limit > 0 and takesRecovered == '1' and recoveredDepth > 0 then`,
    'if limit > 0 and recoveredDepth > 0 then',
  ),
  inPoll('due jobs stay among the delayed ones', `redis.call('ZREMRANGEBYRANK', delayed, 0, #due - 1)`, ''),
  inPoll(
    'due jobs come before those that are ready',
    `redis.call('RPUSH', ready, unpack(due))`,
    `redis.call('LPUSH', ready, unpack(due))`,
  ),
  inPoll(
    'jobs are due a millisecond late',
    'if head[2] and tonumber(head[2]) * 1000 <= now + 0.5 then',
    'if head[2] and tonumber(head[2]) * 1000 <= now - 0.5 then',
  ),
  inPoll('due recovered are ready like others', `enqueue('RPUSH', due[i], crashes)`, `enqueue('RPUSH', due[i], 0)`),
  inPoll(
    'ready jobs that are left wake nobody',
    `if depth > 0 or (recoveredDepth > 0 and takesRecovered == '1') then`,
    `if recoveredDepth > 0 and takesRecovered == '1' then`,
  ),
];
