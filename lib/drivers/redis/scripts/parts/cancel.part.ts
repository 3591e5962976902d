import { hook } from '../hooks.js';
import { definePart } from '../part.js';
import { NO_FENCE } from './retain.part.js';

/**
 * Cancels jobs that were pushed by a certain time. A request that arrives again gets its answer again: `answer` keeps it for a
 * while, so that a late copy does not cancel a job that was pushed since.
 *
 * `pushedBy`: milliseconds; 0 for any time. `reasonText`: JSON text; empty without a reason. rest: ids.
 * Reply: a digit for each id. 0 there is no such job; 1 the job waited, and has ended; 2 the job is claimed, and now `cancelled` has
 * it until its end; 3 `cancelled` has it already: it is claimed, or waits for a consumer that ends it.
 */
export const cancel = definePart({
  name: 'cancel',
  keys: ['jobs', 'attempts', 'cancelled', 'answer'],
  args: ['reasonText', 'completedTtl'],
  numbers: ['answerTtl', 'pushedBy'],
  shared: { result: "''" },
  reads: `
redis.call('HLEN', cancelled)
`,
  helpers: `
-- Returns whether a job lives, and was pushed in time.
local function isMeant(id)
  if not redis.call('ZSCORE', delayed, id) and not isClaimed(id) and hasEnded(id) then return false end
  if pushedBy == 0 then return redis.call('HEXISTS', jobs, id) == 1 end
  local record = redis.call('HGET', jobs, id)
  return record and (tonumber(string.sub(record, 1, 13)) or 0) <= pushedBy
end
`,
  body: `
local told = redis.call('GET', answer)
if told then return told end
local ids, digits, ended, fences = {}, {}, {}, {}
for i = rest, #ARGV do ids[#ids + 1] = ARGV[i] end
lookForHolders(ids)
for i = 1, #ids do
  local id, digit = ids[i], 0
  if isMeant(id) then
    if redis.call('HEXISTS', cancelled, id) == 1 then
      digit = 3
    elseif takeWaiting(id) then
      local tries = attemptsOf(id)
      if S.hasAttempts then redis.call('HDEL', attempts, id) end
      endStatus(id, 'cancelled', tries, reasonText ~= '' and reasonText or nil, completedTtl)
      ended[#ended + 1] = id
      fences[#fences + 1] = '${NO_FENCE}'
      digit = 1
    else
      redis.call('HSET', cancelled, id, reasonText)
      redis.call('HDEL', meta, 'cancels')
      digit = 2
    end
  end
  digits[i] = digit
end
if #ended > 0 then
  forgetCompleted(ended, fences, 'x')
  ${hook('dropped', 'ended')}
end
S.result = table.concat(digits)
redis.call('SET', answer, S.result, 'PX', answerTtl)
`,
});
