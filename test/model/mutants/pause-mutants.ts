import { inFile } from './in-file.js';

const inPause = inFile('redis', 'lib/drivers/redis/scripts/parts/pause.part.ts');
const inScript = inFile('redis', 'lib/drivers/redis/scripts/pause.script.ts');
const inArrayQueue = inFile('array', 'lib/drivers/array/array-queue.ts');

/** Faults of pauses. */
export const PAUSE_MUTANTS = [
  inPause('a paused queue hands out jobs', 'if S.isPaused then S.limit = 0 end', ''),
  inPause('a pause has no end', 'S.isPaused = not S.pausedUntil or S.pausedUntil > now', 'S.isPaused = true'),
  inPause(
    'nobody learns when a pause ends',
    'if S.isPaused and S.pausedUntil then due = math.min(due, S.pausedUntil) end',
    '',
  ),
  inPause('a paused queue has more jobs for a poll', 'if S.isPaused then S.isBlocked = true end', ''),

  inScript('a resumed queue wakes nobody', `if waiting > 0 then redis.call('ZADD', marker, 0, '0') end`, ''),
  inScript('a resume does nothing', "if redis.call('HDEL', meta, ${names}) > 0 then", 'if false then'),
  inScript('a resume that arrives twice ends a later pause', 'if known then return tonumber(known) end', ''),
  inArrayQueue(
    'a paused queue in memory hands out jobs',
    'const jobs = paused ? [] : this.claim(lease, request, now);',
    'const jobs = this.claim(lease, request, now);',
  ),
];
