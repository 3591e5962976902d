import { hook } from '../hooks.js';
import { definePart } from '../part.js';
import { flag } from '../reply.js';

/** Lua that puts a job into its place, in scripts that are seldom. */
export const ENQUEUE = `
local function enqueue(push, id, crashes)
  ${hook('place', 'push', 'id', 'crashes')}
  redis.call(push, ready, id)
end
`;

/**
 * The list of ready jobs. A part that puts jobs in another place fills the hook `place`, and sets `S.placesEach` if
 * that may concern a due job: then due jobs are not moved in one go. It keeps `S.apart` up to date: how many jobs can be claimed there.
 * A part that keeps ready jobs from being claimed sets `S.isBlocked`. One that keeps them from being claimed ahead sets `S.isRanked`:
 * a later job may come before them.
 */
export const waiting = definePart({
  name: 'waiting',
  keys: ['ready', 'jobs'],
  shared: { placesEach: 'false', isBlocked: 'false', isRanked: 'false', apart: '0' },
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
  reply: { more: flag('S.depth + S.apart > 0 and not S.isBlocked') },
});
