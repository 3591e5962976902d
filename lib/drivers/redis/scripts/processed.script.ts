import { defineScript } from './script.js';

/**
 * Writes the time when a job was last processed, for monitoring. It works on a server without free memory as well.
 *
 * Reply: 1.
 */
export const processedScript = defineScript({
  name: 'processed',
  keys: ['lastProcessed'],
  args: ['second'],
  flags: ['allow-oom'],
  body: `
redis.call('SET', lastProcessed, second)
return 1
`,
});
