import { inFile } from './in-file.js';

const inStale = inFile('redis', 'lib/drivers/redis/scripts/parts/stale.part.ts');
const inClaim = inFile('redis', 'lib/drivers/redis/scripts/parts/claim.part.ts');
const inRecover = inFile('redis', 'lib/drivers/redis/scripts/parts/recover.part.ts');
const inLevels = inFile('redis', 'lib/drivers/redis/scripts/levels.ts');
const inCancel = inFile('redis', 'lib/drivers/redis/scripts/parts/cancel.part.ts');
const inSparse = inFile('array', 'lib/drivers/array/sparse-list.ts');
const inArrayWaiting = inFile('array', 'lib/drivers/array/array-waiting.ts');

const PUTS_OUT = `if waitingCount() == 0 then redis.call('DEL', marker) end`;

/** Faults of jobs that are taken out of the places where they wait. */
export const STALE_MUTANTS = [
  inClaim('stale elements are claimed', `\${hook('popped', \`'ready'\`, 'popped')}`, ''),
  inRecover('stale elements of recovered jobs are claimed', `\${hook('popped', \`'recovered'\`, 'popped')}`, ''),
  inStale('a poll does not learn of stale elements', `redis.call('HDEL', meta, 'gone')`, ''),
  inStale(
    'a stale element is skipped for ever',
    `if #forgotten > 0 then redis.call('HDEL', key, unpack(forgotten)) end`,
    '',
  ),
  inStale(
    'of two stale elements one is claimed',
    `redis.call('HSET', goneKey, id, (count or 0) + 1, '~', (sum or 0) + 1)`,
    `redis.call('HSET', goneKey, id, 1, '~', (sum or 0) + 1)`,
  ),
  inStale(
    'nothing is claimed in the place of a stale element',
    `if kept == wanted or skipped >= \${SKIPPED} then break end`,
    'break',
  ),
  inStale('a list of stale elements stays', `redis.call('UNLINK', key, goneKey)`, ''),
  inStale('a job is taken from the wrong list', `return crashes > 0 and 'recovered' or 'ready'`, `return 'ready'`),
  inStale(
    'a claimed job is taken',
    'if isClaimed(id) or hasEnded(id) then return end',
    'if hasEnded(id) then return end',
  ),
  inStale(
    'of two claimed jobs the second one is taken',
    'if held[k] then isHeld[ids[k]] = true end',
    'if held[k] then isHeld[ids[1]] = true end',
  ),
  inStale('a cancellation leaves the marker', PUTS_OUT, ''),
  inLevels(
    'stale elements are counted',
    `return math.max(0, redis.call('LLEN', list) - (redis.call('HGET', goneKey, '~') or 0))`,
    `return redis.call('LLEN', list)`,
  ),
  inStale('clear takes stale elements for jobs', 'isStale = forgetStale(goneKey, ids)', ''),
  inCancel('the record of a cancelled job stays', `forgetCompleted(ended, fences, 'x')`, ''),
  inCancel('the tries of a cancelled job stay', `if S.hasAttempts then redis.call('HDEL', attempts, id) end`, ''),
  inCancel('the id of a cancelled job stays', `\${hook('dropped', 'ended')}`, `\${hook('dropped', \`{ 'x' }\`)}`),
  inCancel('a cancellation that arrives twice is carried out twice', 'if told then return told end', ''),
  inSparse('a removed job is claimed', 'if (item === undefined || !this.skips(item)) return item;', 'return item;'),
  inArrayWaiting('a delayed job stays when it is cancelled', 'this.delayed.remove(this.entries.get(job)!);', ''),
];
