import { COMPLETED_SINCE, SEARCHED } from './fragments.js';
import { COMPLETED_HEAD } from './parts/retain.part.js';
import { KEEP_WAIT } from './parts/waits.part.js';
import { defineScript } from './script.js';

/**
 * Registers a wait for the end of a job, and reads how the job ended if it has.
 *
 * `waiter`: channel and token. `milliseconds`: how long the wait lasts; 0 ends it.
 * `isExpected`: 1 while the job is about to be pushed: then it need not exist.
 *
 * Replies: nothing if the job has not ended; the answer, if it was for this wait; or the text of its status (empty if none is kept), `c`, `x` or `f` if its
 * record is kept (completed, cancelled, failed), and the text of its failures.
 */
export const waitScript = defineScript({
  name: 'wait',
  keys: ['waits', 'answer', 'meta', 'status', 'jobs', 'delayed', 'failed', 'completedIds', 'failures'],
  args: ['id', 'waiter', 'milliseconds', 'isExpected'],
  numbers: ['milliseconds'],
  flags: ['allow-oom'],
  body: `${COMPLETED_SINCE}${KEEP_WAIT}redis.call('ZCARD', waits)
redis.call('HLEN', meta)
local given = redis.call('GET', answer)
local newline = given and string.find(given, '\\n', 1, true)
if newline and string.find(string.sub(given, 1, newline), ' ' .. waiter .. ' ', 1, true) then
  redis.call('ZREM', waits, waiter)
  return { string.sub(given, newline + 1) }
end
local kept = ''
if redis.call('HEXISTS', jobs, id) == 0 then
  kept = '-'
elseif redis.call('ZSCORE', failed, id) then
  kept = 'f'
elseif not redis.call('ZSCORE', delayed, id) then
  local from = completedLength() > ${SEARCHED} and completedSince(redis.call('HGET', jobs, id)) or 0
  for _, element in ipairs(redis.call('LRANGE', completedIds, from, -1)) do
    if string.sub(element, ${COMPLETED_HEAD + 1}) == id then kept = string.sub(element, ${COMPLETED_HEAD}, ${COMPLETED_HEAD}) end
  end
end
local lives = kept == ''
if not lives and isExpected ~= '1' then
  redis.call('ZREM', waits, waiter)
  return { redis.call('GET', status) or '', kept, redis.call('HGET', failures, id) or '' }
end
if milliseconds == 0 then
  redis.call('ZREM', waits, waiter)
  return {}
end
keepWait(waits, waiter, milliseconds)
return {}
`,
});
