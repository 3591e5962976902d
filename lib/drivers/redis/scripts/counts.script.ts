import { defineScript } from './script.js';

/** Reply: ready (suspects included), delayed, reserved, failed, the time in ms. */
export const countsScript = defineScript({
  name: 'counts',
  keys: ['ready', 'delayed', 'suspects', 'workers', 'failed'],
  args: ['claimedPrefix', 'statusTtl'],
  flags: ['no-writes', 'allow-oom'],
  body: `
local reserved = 0
for _, worker in ipairs(redis.call('ZRANGE', workers, 0, -1)) do
  reserved = reserved + redis.call('HLEN', claimedPrefix .. worker)
end
return {
  redis.call('LLEN', ready) + redis.call('LLEN', suspects),
  redis.call('ZCARD', delayed),
  reserved,
  redis.call('ZCOUNT', failed, string.format('%.0f', now / 1000 - statusTtl), '+inf'),
  now,
}
`,
});
