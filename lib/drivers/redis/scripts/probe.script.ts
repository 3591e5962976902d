import { defineScript } from './script.js';

/**
 * Reads a key whose name the script computes, as the other scripts do: some servers that look like Redis refuse that.
 *
 * Reply: 0.
 */
export const probeScript = defineScript({
  name: 'probe',
  keys: ['route'],
  args: [],
  flags: ['no-writes', 'allow-oom'],
  body: `
return redis.call('EXISTS', route .. ':probe')
`,
});
