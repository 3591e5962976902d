import { KEPT_FAILED } from './fragments.js';
import { COUNT_GROUPED } from './group-state.js';
import { QUEUE_ROOM } from './queue-room.js';
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
    'consumers',
    'failed',
    'expiry',
    'ownTime',
    'moving',
    'meta',
    'limits',
    'starts',
  ],
  args: ['claimedPrefix', 'failedTtl', 'ownLimits'],
  flags: ['no-writes', 'allow-oom'],
  body: `${KEPT_FAILED}${COUNT_GROUPED}${QUEUE_ROOM}
local reserved = 0
for _, consumer in ipairs(redis.call('ZRANGE', consumers, 0, -1)) do
  reserved = reserved + redis.call('HLEN', claimedPrefix .. consumer)
end
local inGroups, blocked = countGrouped()
local function live(list, gone)
  return math.max(0, redis.call('LLEN', list) - (redis.call('HGET', gone, '~') or 0))
end
local open = live(ready, gone) + redis.call('ZCARD', priority) + inGroups - blocked + live(recovered, goneRecovered)
if open > 0 and not hasRoom(reserved) then open, blocked = 0, blocked + open end
return {
  open,
  redis.call('ZCARD', delayed),
  reserved,
  keptFailed() + redis.call('HLEN', moving),
  now,
  blocked,
}
`,
});
