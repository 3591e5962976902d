import { definePart } from '../part.js';

/** Stops the script if the consumer was lost: a heartbeat must not make it known again. */
export const known = definePart({
  name: 'known',
  keys: ['consumers'],
  args: ['consumer'],
  body: `
if tonumber(redis.call('ZSCORE', consumers, consumer) or 0) == 0 then return 0 end
`,
});

/**
 * Wakes a waiting consumer if another consumer has been silent for so long that it will be lost before the next
 * heartbeat. The waiting consumer may not know that consumer, which came after the wait began.
 *
 * `next`: milliseconds until the next heartbeat.
 */
export const warn = definePart({
  name: 'warn',
  keys: ['consumers', 'marker'],
  numbers: ['next'],
  body: `
local first = tonumber(redis.call('ZRANGE', consumers, 0, 0, 'WITHSCORES')[2])
if math.max(first, S.grace) <= now + next then
  redis.call('ZADD', marker, 0, '0')
  redis.call('EXPIRE', marker, 86400)
end
`,
});
