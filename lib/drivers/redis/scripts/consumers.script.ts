import { defineScript } from './script.js';

/** Reply: the number of consumers whose lease has not run out. */
export const consumersScript = defineScript({
  name: 'consumers',
  keys: ['consumers'],
  args: [],
  flags: ['no-writes', 'allow-oom'],
  body: `
return redis.call('ZCOUNT', consumers, string.format('(%.0f', now), '+inf')`,
});
