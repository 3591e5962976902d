import { defineScript } from './script.js';

/**
 * Prolongs a holder's lease, however many jobs it holds.
 *
 * Reply: 1; 0 where it has been given up.
 */
export const heartbeatScript = defineScript({
  name: 'heartbeat',
  keys: ['workers', 'meta'],
  args: ['worker', 'lease'],
  flags: ['allow-oom'],
  body: `
if tonumber(redis.call('ZSCORE', workers, worker) or 0) == 0 then return 0 end
redis.call('HLEN', meta)
redis.call('ZADD', workers, now + lease, worker)
redis.call('HSET', meta, 'seen', now)
redis.call('EXPIRE', meta, 86400)
return 1
`,
});
