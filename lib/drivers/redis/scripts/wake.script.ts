import { defineScript } from './script.js';

/**
 * Sets the marker of a queue, which wakes a listener. It works on a server without free memory as well.
 *
 * Reply: 1.
 */
export const wakeScript = defineScript({
  name: 'wake',
  keys: ['marker'],
  args: [],
  flags: ['allow-oom'],
  body: `
redis.call('ZADD', marker, 0, '0')
redis.call('EXPIRE', marker, 86400)
return 1
`,
});
