import { defineScript } from './script.js';

/**
 * Deletes a consumer that holds no job any more. A consumer that still holds jobs stays until its lease runs out.
 *
 * Reply: 1; 0 if it still holds jobs.
 */
export const leaveScript = defineScript({
  name: 'leave',
  keys: ['consumers', 'claimed', 'polls'],
  args: ['consumer'],
  flags: ['allow-oom'],
  body: `
if redis.call('HLEN', claimed) > 0 then return 0 end
redis.call('ZREM', consumers, consumer)
redis.call('DEL', polls)
return 1
`,
});
