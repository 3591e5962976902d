import { COUNT_GROUPED } from './group-state.js';
import { LIMITS_KEPT } from './parts/limits.part.js';
import { defineScript } from './script.js';

/**
 * Sets the limits of a queue in place of those in the options of its consumers, or takes that back. Sets the marker if jobs wait.
 * `answer` tells for a while that the request has arrived: a late copy changes nothing.
 *
 * `text`: limits in the form of the part `limits`, `- - -` for none; empty to take back the limits of an operator.
 * Reply: 1.
 */
export const setLimitsScript = defineScript({
  name: 'set-limits',
  keys: ['limits', 'meta', 'marker', 'ready', 'recovered', 'priority', 'groups', 'answer'],
  args: ['text', 'answerTtl'],
  flags: ['allow-oom'],
  body: `${COUNT_GROUPED}
redis.call('HLEN', limits)
redis.call('HLEN', meta)
redis.call('ZCARD', marker)
local waiting = redis.call('LLEN', ready) + redis.call('LLEN', recovered) + redis.call('ZCARD', priority) + countGrouped()
if not redis.call('SET', answer, '', 'PX', answerTtl, 'NX') then return 1 end
if text == '' then
  redis.call('HDEL', limits, 'set')
  redis.call('PEXPIRE', limits, ${LIMITS_KEPT})
else
  redis.call('HSET', limits, 'set', text)
  redis.call('PERSIST', limits)
end
redis.call('HDEL', meta, 'limits')
if waiting > 0 then redis.call('ZADD', marker, 0, '0') end
return 1
`,
});

/**
 * Reads the limits that all consumers of a queue share, and its hold.
 *
 * Reply: the text of those that were set, empty if none were; the smallest concurrency and the slowest rate (max, microseconds) in the options of a
 * living consumer, empty without one; the same of the limits of each group; 1 if those are ordered; until when the queue is held back (ms), 0
 * if it is not.
 */
export const readLimitsScript = defineScript({
  name: 'read-limits',
  keys: ['limits', 'consumers', 'meta'],
  args: [],
  flags: ['no-writes', 'allow-oom'],
  body: `
local set, least, slowest, groupLeast, groupSlowest, ordered =
  unpack(redis.call('HMGET', limits, 'set', 'least', 'slowest', 'groupLeast', 'groupSlowest', 'ordered'))
local function counting(text)
  local value, holder = string.match(text or '', '^(.+) (%S+)$')
  return value and tonumber(redis.call('ZSCORE', consumers, holder) or 0) > now and value or ''
end
local held = tonumber(redis.call('HGET', meta, 'heldUntil') or 0)
local counted = { counting(least), counting(slowest), counting(groupLeast), counting(groupSlowest), counting(ordered) }
return { set or '', counted[1], counted[2], counted[3], counted[4], counted[5], held > now and held or 0 }
`,
});
