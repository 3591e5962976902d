import { SIGNALS } from '../../keys.js';
import { META_KEPT } from '../fragments.js';
import { definePart } from '../part.js';
import { integer } from '../reply.js';

/** The details of a settlement that holds its queue back for as long as its job waits. */
export const HOLDS_QUEUE = 'q';

/** The field `held` of the reply if jobs wait for the end of the hold; else 1 if the queue is held back, or 0. */
export const HELD_UP = 2;

/** Whether the queue is held back, as Lua. */
export const IS_HELD = `(S.heldUntil or 0) > now`;

/** Whether nothing but the hold keeps a job from starting, as Lua. */
const HOLDS_UP = `${IS_HELD} and not S.isPaused and S.depth + S.apart + (S.recoveredDepth or 0) > 0`;

/**
 * Reads until when a queue is held back, in milliseconds: the field `heldUntil` of `meta`. Keeps `meta` until then; it has to
 * stand behind the part `meta`.
 */
export const holdState = definePart({
  name: 'hold state',
  keys: ['meta'],
  meta: { heldUntil: 'number', groupsHeldUntil: 'number' },
  body: `
local ends = math.max(S.heldUntil or 0, S.groupsHeldUntil or 0)
if ends > now then redis.call('PEXPIRE', meta, string.format('%.0f', ends - now + ${META_KEPT}), 'GT') end
`,
});

/**
 * Holds a queue back: its jobs are not claimed. A settlement begins the hold, for as long as its own job waits; of two holds
 * the one that ends later counts. Calls the consumers, since they may have claimed jobs that they have not started.
 */
export const hold = definePart({
  name: 'hold',
  keys: ['ready', 'meta'],
  reads: `
if ${IS_HELD} then S.isBlocked = true end
`,
  body: `
if S.heldUntil and S.heldUntil <= now then
  redis.call('HDEL', meta, 'heldUntil')
  S.heldUntil = nil
end
`,
  on: {
    settled: `
if kind == 'back' and details == '${HOLDS_QUEUE}' and now + number > math.max(S.heldUntil or 0, now) then
  S.heldUntil, S.isBlocked = now + number, true
  redis.call('HSET', meta, 'heldUntil', string.format('%.0f', S.heldUntil))
  -- A consumer that does not hear it learns it with its next sign of life.
  redis.pcall('PUBLISH', ready .. '${SIGNALS}', '')
end
`,
    mayClaim: `
if ${IS_HELD} then S.limit = 0 end
`,
    waking: `
if ${IS_HELD} then wakes = false end
`,
    due: `
if ${HOLDS_UP} then due = math.min(due, S.heldUntil) end
`,
  },
  reply: { held: integer(`${HOLDS_UP} and ${HELD_UP} or ${IS_HELD} and 1 or 0`) },
});
