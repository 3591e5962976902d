import { bigText, bigTextOrZero } from '../fragments.js';
import { definePart } from '../part.js';

/** The grace after a silence, in milliseconds. */
export const GRACE = 2_500;

/**
 * Detects silences, in every script that gives a sign of life. After a silence (the server was away, or its clock
 * jumped) every lease looks as if it had run out. So no job is recovered until the other consumers have had the time to
 * speak: the grace. The first consumer that speaks starts the grace.
 *
 * The grace is short (2.5 s), whatever the lease is, since a silence may as well mean that the last worker was killed:
 * a worker that starts later has to recover its jobs soon, and the server cannot tell the two cases apart. A live
 * consumer that holds jobs is not lost by that, because it speaks within the grace in each case:
 *
 * 1. The server was away: consumers give a sign of life as soon as they are connected again. They try to connect at
 *    least every 1.25 s.
 * 2. The clock of the server jumped forward, and no connection was lost: a consumer that holds jobs gives a sign of
 *    life at least every 1.5 s, even if its lease would allow longer pauses.
 * 3. The clock jumped back: leases that would last for too long are cut to one lease from now.
 *
 * A consumer that holds no job speaks only every `interval`, a third of its lease. In the second case it may be lost,
 * with no job to recover, and begins another lease with its next poll.
 *
 * No lease can run out in less than two intervals of silence: a shorter silence needs no grace, so that a live worker
 * recovers the jobs of another worker as soon as the lease of that worker has run out.
 *
 * `lease`, `interval` and `grace` are in milliseconds.
 */
export const silence = definePart({
  name: 'silence',
  keys: ['consumers', 'meta'],
  numbers: ['lease', 'interval', 'grace'],
  meta: { seen: 'number', grace: 'number' },
  shared: { nowText: bigText('now') },
  keeps: { seen: 'S.nowText', grace: bigTextOrZero('S.grace') },
  body: `
local seen = S.seen
local jumpedBack = seen and seen - now > interval
local silent = seen and now - seen > 2 * interval or not seen and redis.call('ZCARD', consumers) > 0
if silent or jumpedBack then S.grace = now + grace end
S.grace = S.grace or 0
if jumpedBack then
  local all = redis.call('ZRANGE', consumers, 0, 999, 'WITHSCORES')
  for i = 1, #all, 2 do
    if tonumber(all[i + 1]) > now + lease then redis.call('ZADD', consumers, now + lease, all[i]) end
  end
  S.leases = nil
end
`,
});

/** Prolongs the lease of the consumer that sent the script. */
export const prolong = definePart({
  name: 'prolong',
  keys: ['consumers'],
  args: ['consumer'],
  numbers: ['lease'],
  body: `
-- Redis takes thrice as long to write a number as to take its text.
local expires = now + lease
redis.call('ZADD', consumers, ${bigText('expires')}, consumer)
`,
});
