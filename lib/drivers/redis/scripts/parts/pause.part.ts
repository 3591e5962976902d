import { definePart } from '../part.js';
import { text } from '../reply.js';

/**
 * Reads the pause of a queue. It is in the hash `meta`, which does not expire while the queue is paused.
 *
 * `paused` is the id of the pause, `pausedUntil` the time of its end in milliseconds, if it has one.
 */
export const pauseState = definePart({
  name: 'pause state',
  keys: ['meta'],
  shared: { isPaused: 'false' },
  meta: { paused: 'text', pausedUntil: 'number' },
  reads: `
if S.paused then
  S.isPaused = not S.pausedUntil or S.pausedUntil > now
  S.keepsMeta = true
end
`,
});

/**
 * Claims nothing from a paused queue. Notes that the consumer obeys the pause, with the id of the pause: a consumer that
 * had a reply with that pause starts none of the jobs that it has claimed.
 *
 * `obeyed`: the id of the pause in the last reply that the consumer got; empty if there was none.
 */
export const pause = definePart({
  name: 'pause',
  keys: ['polls', 'meta'],
  args: ['obeyed'],
  reads: `
if S.isPaused then S.isBlocked = true end
`,
  body: `
if S.isPaused then
  if obeyed == S.paused then redis.call('HSET', polls, 'obeyed', obeyed) end
elseif S.paused then
  redis.call('HDEL', meta, 'paused', 'pausedUntil')
  S.paused, S.keepsMeta = nil, nil
end
`,
  on: {
    mayClaim: `
if S.isPaused then S.limit = 0 end
`,
    waking: `
if S.isPaused then wakes = false end
`,
    due: `
if S.isPaused and S.pausedUntil then due = math.min(due, S.pausedUntil) end
`,
  },
  reply: { pause: text(`S.isPaused and S.paused or ''`) },
});
