import { definePart, type Unused } from '../part.js';
import { list } from '../reply.js';

/** The most cancelled jobs that one poll looks at. */
const LOOKED_AT = 300;

/** No job of the queue is cancelled, and has not ended yet. */
const NONE_CANCELLED: Unused = { meta: { cancels: 'text' }, when: `S.cancels == '0'` };

/**
 * The cancelled jobs that have not ended yet: claimed ones, and those that went back to a place where jobs wait. `cancelled` has
 * the reason of each.
 *
 * The field `cancels` of `meta` is `0` if there are none, and missing if that is not known. So a queue without cancelled jobs
 * sends no further command.
 */
export const cancelled = definePart({
  name: 'cancelled jobs',
  unused: NONE_CANCELLED,
  keys: ['cancelled', 'meta'],
  meta: { cancels: 'text' },
  keeps: { cancels: 'S.cancels' },
  reads: `
if S.cancels ~= '0' then S.cancels = redis.call('HLEN', cancelled) > 0 and '1' or '0' end
S.hasCancels = S.cancels == '1'
`,
});

/**
 * Tells a consumer which of its jobs are cancelled; of very many it tells some. Such a job does not wait for its next attempt: a
 * consumer ends it. One that may have run waits for a consumer that knows its name. Forgets the cancellations of jobs that have ended.
 */
export const tellCancelled = definePart({
  name: 'tell cancelled jobs',
  unused: NONE_CANCELLED,
  keys: ['cancelled', 'claimed'],
  shared: { cancelledJobs: '{}' },
  on: {
    waits: `
if S.hasCancels and redis.call('HEXISTS', cancelled, id) == 1 then
  local tries, crashes = attemptsOf(id)
  if kind ~= 'unknown' or tries + crashes == 0 then delay = 0 end
end
`,
    ended: `
if S.hasCancels then redis.call('HDEL', cancelled, unpack(ids)) end
`,
    dangling: `
if S.hasCancels then redis.call('HDEL', cancelled, unpack(ids)) end
`,
    answering: `
local some = S.hasCancels and redis.call('HRANDFIELD', cancelled, ${LOOKED_AT}, 'WITHVALUES') or {}
if #some > 0 then
  local ids = {}
  for i = 1, #some, 2 do ids[#ids + 1] = some[i] end
  local fences = redis.call('HMGET', claimed, unpack(ids))
  for i = 1, #ids do
    if fences[i] then
      S.cancelledJobs[#S.cancelledJobs + 1] = ids[i]
      S.cancelledJobs[#S.cancelledJobs + 1] = some[2 * i]
    end
  end
end
`,
  },
  reply: { cancelledJobs: list('S.cancelledJobs') },
});

/** Forgets the cancellations of dropped jobs. */
export const dropCancelled = definePart({
  name: 'drop cancelled jobs',
  keys: ['cancelled'],
  reads: `
redis.call('HLEN', cancelled)
`,
  on: {
    dropped: `
redis.call('HDEL', cancelled, unpack(ids))
`,
  },
});
