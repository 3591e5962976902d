import { defineScript } from './script.js';
import { NOTICE_SILENCE } from './silence.js';

/**
 * Prolongs a consumer's lease, however many jobs it holds. Where another one has been silent for so long that it will be lost
 * before the next heartbeat, a waiting consumer is woken: it may not know of that one, who came after it began to wait.
 *
 * Reply: 1; 0 where it has been given up.
 */
export const heartbeatScript = defineScript({
  name: 'heartbeat',
  keys: ['consumers', 'meta', 'marker'],
  args: ['consumer', 'lease', 'interval', 'grace'],
  flags: ['allow-oom'],
  body: `
if tonumber(redis.call('ZSCORE', consumers, consumer) or 0) == 0 then return 0 end
lease, interval, grace = tonumber(lease), tonumber(interval), tonumber(grace)
${NOTICE_SILENCE}
redis.call('ZADD', consumers, now + lease, consumer)
redis.call('HSET', meta, 'seen', now, 'grace', graceEnd)
redis.call('EXPIRE', meta, 86400)
local first = tonumber(redis.call('ZRANGE', consumers, 0, 0, 'WITHSCORES')[2])
if math.max(first, graceEnd) <= now + interval then
  redis.call('ZADD', marker, 0, '0')
  redis.call('EXPIRE', marker, 86400)
end
return 1
`,
});
