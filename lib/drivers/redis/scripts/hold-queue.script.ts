import { EXPIRE_META } from './fragments.js';
import { defineScript } from './script.js';

/**
 * Holds a queue back, as the part `hold` does for a settlement: of two holds the one that ends later counts. `answer` tells for a while
 * that the request has arrived: a late copy changes nothing.
 *
 * `milliseconds`: how long.
 * Reply: 1.
 */
export const holdQueueScript = defineScript({
  name: 'hold-queue',
  keys: ['meta', 'answer'],
  args: ['milliseconds', 'answerTtl'],
  numbers: ['milliseconds'],
  flags: ['allow-oom'],
  body: `
local before = tonumber(redis.call('HGET', meta, 'heldUntil') or 0)
if not redis.call('SET', answer, '', 'PX', answerTtl, 'NX') then return 1 end
if now + milliseconds <= math.max(before, now) then return 1 end
redis.call('HSET', meta, 'heldUntil', string.format('%.0f', now + milliseconds))
${EXPIRE_META}
return 1
`,
});
