import { KEPT_FAILED } from './fragments.js';
import { defineScript } from './script.js';
import { COUNT_TURNS, TURNS_ARGS, TURNS_KEYS } from './turns.js';

/**
 * Counts the jobs of a queue by their state.
 *
 * `ownLimits`: see the part `limits`.
 * Reply: ready (recovered jobs included), delayed, reserved, kept failed jobs (those included that are on their way to another
 * queue), the time in ms, blocked: if the queue lets no job start, those that were ready.
 */
export const countsScript = defineScript({
  name: 'counts',
  keys: ['delayed', 'failed', 'expiry', 'ownTime', 'moving', ...TURNS_KEYS],
  args: ['failedTtl', ...TURNS_ARGS],
  flags: ['no-writes', 'allow-oom'],
  body: `${KEPT_FAILED}${COUNT_TURNS}
return {
  turns - blocked,
  redis.call('ZCARD', delayed),
  countRunning(),
  keptFailed() + redis.call('HLEN', moving),
  now,
  blocked,
}
`,
});
