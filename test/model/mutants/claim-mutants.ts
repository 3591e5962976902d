import { inFile } from './in-file.js';

const inStep = inFile('redis', 'lib/drivers/redis/scripts/step.script.ts');

/** Faults of handing jobs out, and of making them ready. */
export const CLAIM_MUTANTS = [
  inStep('a step that arrives twice is carried out twice', 'if number == lastNumber then', 'if false then'),
  inStep('an old step is answered as a new one', 'if number < lastNumber then return answer(-1) end', ''),
  inStep('the answer of a step that arrives twice lacks a job', 'for i = 1, count do', 'for i = 2, count do'),
  inStep('fences do not grow', 'fence = math.max(fence + #ids, now * 1000)', 'fence = math.max(fence, now * 1000)'),
  inStep('claimed jobs are held by nobody', `redis.call('HSET', claimed, unpack(holds))`, ''),
  inStep(
    'a suspect comes on top of the limit',
    `local popped = redis.call('LPOP', ready, limit - #taken)`,
    `local popped = redis.call('LPOP', ready, limit)`,
  ),
  inStep(
    'suspects are handed out to who wants none',
    `if limit > 0 and suspect == '1' and suspected > 0 then`,
    'if limit > 0 and suspected > 0 then',
  ),
  inStep('due jobs stay among the delayed ones', `redis.call('ZREMRANGEBYRANK', delayed, 0, #due - 1)`, ''),
  inStep(
    'due jobs come before those that are ready',
    `redis.call('RPUSH', ready, unpack(due))`,
    `redis.call('LPUSH', ready, unpack(due))`,
  ),
  inStep(
    'jobs are due a millisecond late',
    'if head[2] and tonumber(head[2]) * 1000 <= now + 0.5 then',
    'if head[2] and tonumber(head[2]) * 1000 <= now - 0.5 then',
  ),
  inStep('due suspects are ready like others', `enqueue('RPUSH', due[i], crashes)`, `enqueue('RPUSH', due[i], 0)`),
  inStep(
    'ready jobs that are left wake nobody',
    `if depth > 0 or (suspected > 0 and suspect == '1') then`,
    `if suspected > 0 and suspect == '1' then`,
  ),
];
