import { statusName } from '../fragments.js';
import { definePart } from '../part.js';

/**
 * The ids that the application gave. While a job with such an id lives, `givenIds` has its queue and its name; a space is
 * between them. When the job ends, its name goes on in its status: a later push of the id is compared with it.
 *
 * The field `given` of `meta` says if a job of this queue may be among them. If `meta` has expired meanwhile, the number of
 * ids decides. So a queue without such ids sends no further command.
 */
export const givenIds = definePart({
  name: 'given ids',
  keys: ['givenIds', 'meta'],
  meta: { given: 'text' },
  keeps: { given: 'S.given' },
  reads: `
S.given = S.given or (redis.call('HLEN', givenIds) > 0 and '1' or '0')
S.hasIds = S.given == '1'
`,
  helpers: `
-- The name of a job for its status; nothing if the id was generated.
local function nameText(id)
  local owner = S.hasIds and redis.call('HGET', givenIds, id)
  local name = owner and string.match(owner, ' (.+)')
  return name and ${statusName('name')} or ''
end
`,
});

/** Forgets the ids of jobs that have ended. */
export const forgetIds = definePart({
  name: 'forget ids',
  keys: ['givenIds'],
  on: {
    ended: `
if S.hasIds then redis.call('HDEL', givenIds, unpack(ids)) end
`,
    dangling: `
if S.hasIds then redis.call('HDEL', givenIds, unpack(ids)) end
`,
  },
  body: `
if S.hasIds and redis.call('HLEN', givenIds) == 0 then S.given = '0' end
`,
});

/** Forgets the ids of dropped jobs. */
export const forgetDropped = definePart({
  name: 'forget dropped ids',
  keys: ['givenIds'],
  reads: `
redis.call('HLEN', givenIds)
`,
  on: {
    dropped: `
redis.call('HDEL', givenIds, unpack(ids))
`,
  },
});
