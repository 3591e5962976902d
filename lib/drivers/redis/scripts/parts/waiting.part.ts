import { hook } from '../hooks.js';
import { definePart } from '../part.js';
import { flag } from '../reply.js';

/**
 * The list of ready jobs. A part that puts jobs in another place fills the hook `place`, and sets `S.placesEach` if
 * that may concern a due job: then due jobs are not moved in one go. A part that keeps ready jobs from being claimed sets
 * `S.isBlocked`.
 */
export const waiting = definePart({
  name: 'waiting',
  keys: ['ready', 'jobs'],
  shared: { placesEach: 'false', isBlocked: 'false' },
  reads: `
S.depth = redis.call('LLEN', ready)
redis.call('HLEN', jobs)
`,
  helpers: `
local function enqueue(push, id, crashes)
  ${hook('place', 'push', 'id', 'crashes')}
  redis.call(push, ready, id)
  S.depth = S.depth + 1
end
`,
  reply: { more: flag('S.depth > 0 and not S.isBlocked') },
});
