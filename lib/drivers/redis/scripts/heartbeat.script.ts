import { defineScript } from './script.js';
import { NOTICE_SILENCE } from './silence.js';

/**
 * Prolongs a holder's lease, however many jobs it holds.
 *
 * Reply: 1; 0 where it has been given up.
 */
export const heartbeatScript = defineScript({
  name: 'heartbeat',
  keys: ['workers', 'meta'],
  args: ['worker', 'lease', 'interval', 'grace'],
  flags: ['allow-oom'],
  body: `
if tonumber(redis.call('ZSCORE', workers, worker) or 0) == 0 then return 0 end
lease, interval, grace = tonumber(lease), tonumber(interval), tonumber(grace)
${NOTICE_SILENCE}
redis.call('ZADD', workers, now + lease, worker)
redis.call('HSET', meta, 'seen', now, 'grace', graceEnd)
redis.call('EXPIRE', meta, 86400)
return 1
`,
});
