import { defineScript } from './script.js';

/** How long the log outlives its last event, in milliseconds. */
const KEPT = 86_400_000;
/** The most entries that one call forgets. It adds one, so that an old log becomes shorter with each call. */
const MOST = 500;

/**
 * Adds some events, as one entry of the stream, and forgets the oldest entries that are not needed for the last `keep` events.
 *
 * `events`: the stream; the field `e` of an entry has its events. `sizes`: how many events each entry has, in their order.
 * `total`: their sum. Reply: the id of the entry.
 */
export const appendEventsScript = defineScript({
  name: 'append-events',
  keys: ['events', 'sizes', 'total'],
  args: ['text', 'count', 'keep'],
  numbers: ['count', 'keep'],
  flags: ['allow-oom'],
  body: `
redis.call('XLEN', events)
redis.call('LLEN', sizes)
local sum = (tonumber(redis.call('GET', total)) or 0) + count
local id = redis.call('XADD', events, '*', 'e', text)
redis.call('RPUSH', sizes, count)
local gone = 0
for i = 1, ${MOST} do
  local first = tonumber(redis.call('LINDEX', sizes, 0))
  if sum - first < keep then break end
  redis.call('LPOP', sizes)
  sum = sum - first
  gone = gone + 1
end
if gone > 0 then redis.call('XTRIM', events, 'MAXLEN', redis.call('LLEN', sizes)) end
redis.call('SET', total, sum, 'PX', ${KEPT})
redis.call('PEXPIRE', sizes, ${KEPT})
redis.call('PEXPIRE', events, ${KEPT})
return id
`,
});
