import { KEPT_FAILED } from './fragments.js';
import { COUNT_GROUPED } from './group-state.js';
import { COUNT_PRIORITIZED } from './levels.js';
import { QUEUE_ROOM, ROOM_ARGS, ROOM_KEYS } from './queue-room.js';
import { defineScript } from './script.js';

/**
 * Counts the jobs of a queue by their state.
 *
 * `ownLimits`: see the part `limits`.
 * Reply: ready (recovered jobs included), delayed, reserved, kept failed jobs (those included that are on their way to another
 * queue), the time in ms, blocked: if the queue lets no job start, those that were ready.
 */
export const countsScript = defineScript({
  name: 'counts',
  keys: [
    'ready',
    'priority',
    'groups',
    'delayed',
    'recovered',
    'gone',
    'goneRecovered',
    'failed',
    'expiry',
    'ownTime',
    'moving',
    ...ROOM_KEYS,
  ],
  args: ['failedTtl', ...ROOM_ARGS],
  flags: ['no-writes', 'allow-oom'],
  body: `${KEPT_FAILED}${COUNT_GROUPED}${COUNT_PRIORITIZED}${QUEUE_ROOM}
local inGroups, blocked = countGrouped()
local open = liveLength(ready, gone) + countPrioritized() + inGroups - blocked + liveLength(recovered, goneRecovered)
if open > 0 and not hasRoom() then open, blocked = 0, blocked + open end
return {
  open,
  redis.call('ZCARD', delayed),
  countRunning(),
  keptFailed() + redis.call('HLEN', moving),
  now,
  blocked,
}
`,
});
