import { defineScript } from './script.js';

/**
 * Counts the jobs of a queue by their state.
 *
 * Reply: ready (recovered jobs included), delayed, reserved, failed within the status time, the time in ms.
 */
export const countsScript = defineScript({
  name: 'counts',
  keys: ['ready', 'delayed', 'recovered', 'consumers', 'failed'],
  args: ['claimedPrefix', 'statusTtl'],
  flags: ['no-writes', 'allow-oom'],
  body: `
local reserved = 0
for _, consumer in ipairs(redis.call('ZRANGE', consumers, 0, -1)) do
  reserved = reserved + redis.call('HLEN', claimedPrefix .. consumer)
end
return {
  redis.call('LLEN', ready) + redis.call('LLEN', recovered),
  redis.call('ZCARD', delayed),
  reserved,
  redis.call('ZCOUNT', failed, string.format('%.0f', now / 1000 - statusTtl), '+inf'),
  now,
}
`,
});
