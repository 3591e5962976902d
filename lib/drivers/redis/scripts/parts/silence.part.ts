import { definePart } from '../part.js';

/**
 * Notices silences, in every script that gives a sign of life. After a silence (the server was away, or its clock jumped) every
 * lease looks as if it had run out: no job is recovered until the others have had the time to speak. The first consumer that
 * speaks notices.
 *
 * `interval`: signs of life are no further apart; `grace`: the time for the others. Both in milliseconds, as `lease`.
 */
export const silence = definePart({
  name: 'silence',
  keys: ['consumers', 'meta'],
  numbers: ['lease', 'interval', 'grace'],
  meta: { seen: 'number', grace: 'number' },
  keeps: { seen: 'now', grace: 'S.grace' },
  body: `
local seen = S.seen
local jumpedBack = seen and seen - now > interval
local silent = seen and now - seen > 2 * interval or not seen and redis.call('ZCARD', consumers) > 0
if silent or jumpedBack then S.grace = now + grace end
S.grace = S.grace or 0
if jumpedBack then
  local others = redis.call('ZRANGE', consumers, 0, 999, 'WITHSCORES')
  for i = 1, #others, 2 do
    if tonumber(others[i + 1]) > now + lease then redis.call('ZADD', consumers, now + lease, others[i]) end
  end
end
`,
});

/** Prolongs the lease of the consumer that asks. */
export const prolong = definePart({
  name: 'prolong',
  keys: ['consumers'],
  args: ['consumer'],
  numbers: ['lease'],
  body: `
redis.call('ZADD', consumers, now + lease, consumer)
`,
});
