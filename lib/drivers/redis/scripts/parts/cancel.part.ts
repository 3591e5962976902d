import { hook } from '../hooks.js';
import { definePart } from '../part.js';
import { NO_FENCE } from './retain.part.js';

/**
 * Cancels a job. A request that arrives again gets its answer again: `answer` keeps it for a while, so that a late copy does not
 * cancel a job that was pushed since.
 *
 * `reasonText`: JSON text; empty without a reason.
 * Replies: 0 there is no such job; 1 the job waited, and has ended; 2 the job is claimed, or it waits for a consumer that ends
 * it, because it was claimed when it was cancelled. Then `cancelled` has it until its end.
 */
export const cancel = definePart({
  name: 'cancel',
  keys: ['jobs', 'attempts', 'cancelled', 'answer'],
  args: ['id', 'reasonText', 'completedTtl'],
  numbers: ['answerTtl'],
  shared: { result: '0' },
  reads: `
redis.call('HLEN', cancelled)
`,
  body: `
local told = redis.call('GET', answer)
if told then return tonumber(told) end
if redis.call('HEXISTS', cancelled, id) == 1 then
  S.result = 2
elseif takeWaiting(id) then
  local tries = attemptsOf(id)
  if S.hasAttempts then redis.call('HDEL', attempts, id) end
  endStatus(id, 'cancelled', tries, reasonText ~= '' and reasonText or nil, completedTtl)
  forgetCompleted({ id }, { '${NO_FENCE}' }, 'x')
  ${hook('dropped', '{ id }')}
  S.result = 1
elseif redis.call('HEXISTS', jobs, id) == 1 and not hasEnded(id) then
  redis.call('HSET', cancelled, id, reasonText)
  redis.call('HDEL', meta, 'cancels')
  S.result = 2
end
redis.call('SET', answer, S.result, 'PX', answerTtl)
`,
});
