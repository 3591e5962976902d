import { defineScript } from './script.js';

/**
 * Forgets a holder that holds nothing any more. One that still holds jobs stays until its lease runs out.
 *
 * Reply: 1; 0 where it still holds jobs.
 */
export const leaveScript = defineScript({
  name: 'leave',
  keys: ['workers', 'claimed', 'session'],
  args: ['worker'],
  flags: ['allow-oom'],
  body: `
if redis.call('HLEN', claimed) > 0 then return 0 end
redis.call('ZREM', workers, worker)
redis.call('DEL', session)
return 1
`,
});
