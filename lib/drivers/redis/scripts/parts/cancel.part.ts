import { hook } from '../hooks.js';
import { definePart } from '../part.js';
import { NO_FENCE } from './retain.part.js';

/**
 * Cancels a job. A request that arrives again gets its answer again: `answer` keeps it for a while, and a late copy does not
 * cancel a job that was pushed since.
 *
 * Replies: 1 the job waited, and is cancelled; 0 there is no such job, or it does not wait.
 */
export const cancel = definePart({
  name: 'cancel',
  keys: ['jobs', 'attempts', 'answer'],
  args: ['id', 'completedTtl'],
  numbers: ['answerTtl'],
  shared: { result: '0' },
  reads: `
redis.call('HLEN', jobs)
`,
  body: `
local told = redis.call('GET', answer)
if told then return tonumber(told) end
if takeWaiting(id) then
  local tries = attemptsOf(id)
  if S.hasAttempts then redis.call('HDEL', attempts, id) end
  endStatus(id, 'cancelled', tries, nil, completedTtl)
  forgetCompleted({ id }, { '${NO_FENCE}' }, 'x')
  ${hook('dropped', '{ id }')}
  S.result = 1
end
redis.call('SET', answer, S.result, 'PX', answerTtl)
`,
});
