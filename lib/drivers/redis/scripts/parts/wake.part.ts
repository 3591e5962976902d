import { hook } from '../hooks.js';
import { definePart, WRITE_META } from '../part.js';
import { integer } from '../reply.js';

/**
 * Writes the fields of `meta`. They are of use as long as a consumer polls the queue. A part whose fields have to stay sets
 * `S.keepsMeta`.
 */
export const writeMeta = definePart({
  name: 'meta',
  keys: ['meta'],
  meta: { seen: 'number' },
  body: `
${WRITE_META}
-- A hash table from its birth: in a listpack, which Redis makes of a small hash, each look-up is a search.
if not S.seen then
  redis.call('HSET', meta, '~', string.rep('~', 65))
  redis.call('HDEL', meta, '~')
end
-- The first sign of life of each minute begins the time to live anew.
local seen = S.seen or 0
if not S.keepsMeta and seen - seen % 60000 ~= now - now % 60000 then redis.call('EXPIRE', meta, '86400') end
`,
});

/** Wakes another consumer if jobs are left for it. Deletes the marker if no job waits. */
export const wake = definePart({
  name: 'wake',
  keys: ['marker'],
  reads: `
S.isMarked = redis.call('ZCARD', marker) > 0
`,
  body: `
local wakes = S.depth + S.apart > 0
local quiet = not wakes and not S.head[2]
${hook('waking')}
if wakes then
  if not S.isMarked then redis.call('ZADD', marker, '0', '0') end
elseif quiet and S.isMarked then
  redis.call('DEL', marker)
end
`,
});

/**
 * Replies with the milliseconds until the next poll is useful; -1 if no event is expected, or ready jobs are left
 * that can be claimed.
 */
export const nextDue = definePart({
  name: 'next due',
  shared: { nextDue: '-1' },
  on: {
    answering: `
if S.depth + S.apart == 0 or S.isBlocked then
  local due = math.huge
  ${hook('due')}
  if due < math.huge then S.nextDue = math.max(0, math.ceil(due - now)) end
end
`,
  },
  reply: { nextDue: integer('S.nextDue') },
});
