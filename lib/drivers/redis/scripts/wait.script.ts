import { COMPLETED_HEAD } from './parts/retain.part.js';
import { defineScript } from './script.js';

/** How long `meta` is kept at least beyond the last wait that it tells of, in milliseconds. */
const META_SPARE = 60_000;

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
  keys: ['waits', 'answer', 'meta', 'status', 'jobs', 'failed', 'completedIds', 'failures'],
  args: ['id', 'waiter', 'milliseconds', 'isExpected'],
  numbers: ['milliseconds'],
  flags: ['allow-oom'],
  body: `
redis.call('ZCARD', waits)
local known = redis.call('HGET', meta, 'waitsUntil')
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
else
  for _, element in ipairs(redis.call('LRANGE', completedIds, 0, -1)) do
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
local expires = now + milliseconds
redis.call('ZREMRANGEBYSCORE', waits, '-inf', '(' .. now)
redis.call('ZADD', waits, expires, waiter)
if redis.call('PTTL', waits) < milliseconds then redis.call('PEXPIRE', waits, milliseconds) end
local ttl = redis.call('PTTL', meta)
if not known or tonumber(known) < expires then redis.call('HSET', meta, 'waitsUntil', string.format('%.0f', expires)) end
-- Without a time to live it stays anyway, unless it is new.
if ttl ~= -1 and ttl < milliseconds + ${META_SPARE} then redis.call('PEXPIRE', meta, milliseconds + ${META_SPARE}) end
return {}
`,
});
