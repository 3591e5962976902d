import { hook } from '../hooks.js';
import { definePart } from '../part.js';

const KEYS = ['ready', 'delayed', 'jobs', 'marker'] as const;
/** The time of the push. */
const NOW = `string.format('%.0f', now)`;

/**
 * Stores jobs, all of them in one go.
 *
 * A push that arrives again is recognized by its number, which stays in `producer` until the producer confirms, with a
 * later push, that it got the answer. A mere "last number" would not do: if a script has to be loaded first, or a slot
 * of a cluster moves, ioredis sends an earlier push after a later push.
 *
 * rest: `answered` numbers, then `id, delay in ms, record` for each job. A part that needs more values for each job sets
 * `S.stride`.
 */
export const store = storeWith(NOW);

/** Does the same for jobs that come from another queue: their records have the time of the push already. */
export const storeMoved = storeWith(`''`);

/** Does the same in a script that knows by itself which jobs it has stored. Such a push has no number. */
export const storeUnnumbered = definePart({ ...storePart(NOW, ''), keys: KEYS });

/** @param stamp Lua for what stands in front of each record */
function storeWith(stamp: string) {
  const part = storePart(
    stamp,
    `
if redis.call('HSETNX', producer, call, '') == 0 then
  ${hook('repeated')}
  do return -1 end
end
redis.call('PEXPIRE', producer, producerTtl)
if answered > 0 then
  redis.call('HDEL', producer, unpack(ARGV, rest, rest + answered - 1))
end
`,
  );
  return definePart({ ...part, keys: [...KEYS, 'producer'], args: ['call', 'producerTtl'] });
}

/** @param first Lua that recognizes a push that arrives again */
function storePart(stamp: string, first: string) {
  return definePart({
    name: 'store',
    numbers: ['answered'],
    shared: { stride: '3' },
    reads: `
redis.call('LLEN', ready)
redis.call('ZCARD', delayed)
redis.call('HLEN', jobs)
redis.call('ZCARD', marker)
`,
    helpers: `
local added = 0
`,
    body: `${first}
local stamp = ${stamp}
local records, waiting, later = {}, {}, {}
for i = rest + answered, #ARGV, S.stride do
  local id, delay = ARGV[i], tonumber(ARGV[i + 1])
  S.skips = false
  ${hook('admitNew', 'i', 'id', 'delay')}
  if S.skips then
    ${hook('skipped', 'i', 'id')}
  else
    ${hook('admitted', 'i', 'id', 'delay')}
    records[#records + 1] = id
    records[#records + 1] = stamp .. ARGV[i + 2]
    if delay > 0 then
      later[#later + 1] = string.format('%.3f', (now + delay) / 1000)
      later[#later + 1] = id
    else
      local isPlaced = false
      ${hook('placeNew', 'id', 'isPlaced')}
      if not isPlaced then waiting[#waiting + 1] = id end
    end
  end
end
if #records > 0 then
  redis.call('HSET', jobs, unpack(records))
  if #waiting > 0 then redis.call('RPUSH', ready, unpack(waiting)) end
  if #later > 0 then redis.call('ZADD', delayed, unpack(later)) end
  ${hook('pushed', 'records')}
  if not S.isQuiet then redis.call('ZADD', marker, 0, '0') end
  added = #records / 2
end
`,
  });
}
