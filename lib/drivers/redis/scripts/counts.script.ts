import { KEPT_FAILED } from './fragments.js';
import { COUNT_GROUPED } from './group-state.js';
import { defineScript } from './script.js';

/**
 * Counts the jobs of a queue by their state.
 *
 * Reply: ready (recovered jobs included), delayed, reserved, kept failed jobs (those included that are on their way to another
 * queue), the time in ms, blocked.
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
  ],
  args: ['claimedPrefix', 'failedTtl'],
  flags: ['no-writes', 'allow-oom'],
  body: `${KEPT_FAILED}${COUNT_GROUPED}
local reserved = 0
for _, consumer in ipairs(redis.call('ZRANGE', consumers, 0, -1)) do
  reserved = reserved + redis.call('HLEN', claimedPrefix .. consumer)
end
local inGroups, blocked = countGrouped()
local function live(list, gone)
  return math.max(0, redis.call('LLEN', list) - (redis.call('HGET', gone, '~') or 0))
end
return {
  live(ready, gone) + redis.call('ZCARD', priority) + inGroups - blocked + live(recovered, goneRecovered),
  redis.call('ZCARD', delayed),
  reserved,
  keptFailed() + redis.call('HLEN', moving),
  now,
  blocked,
}
`,
});
