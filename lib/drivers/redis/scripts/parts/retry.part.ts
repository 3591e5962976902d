import { ANEW, noteInMeta, READ_OWNER } from '../fragments.js';
import { hook } from '../hooks.js';
import { definePart } from '../part.js';

/** Knows whose the ids of ended jobs are now. */
export const owners = definePart({
  name: 'owners',
  keys: ['givenIds'],
  args: ['statusPrefix', 'queue'],
  reads: `
redis.call('HLEN', givenIds)
`,
  helpers: `${READ_OWNER}-- Tells whether another queue has the id of an ended job now, and its name, if the application gave the id.
local function ownerOf(id)
  local owner = string.match(redis.call('HGET', givenIds, id) or '', '^%S+')
  local last, name = ownerIn(redis.pcall('GET', statusPrefix .. id))
  if not owner and last ~= '' then owner = last end
  return owner and owner ~= queue, decodeName(name)
end
`,
});

/**
 * Puts failed jobs back to the end of the queue, as new ones: their attempts and crashes were forgotten when they failed. It
 * needs the parts `answer`, `failed jobs`, `owners`, `given ids` and `status` before it.
 *
 * A job whose id another queue has now stays failed. The name of a job whose id the application gave is in its status as long as it has ended: it goes back to the given ids.
 *
 * rest: ids.
 */
export const retry = definePart({
  name: 'retry',
  keys: ['ready', 'jobs', 'attempts', 'givenIds', 'meta', 'marker'],
  reads: `
redis.call('LLEN', ready)
redis.call('HLEN', jobs)
redis.call('HLEN', attempts)
redis.call('HLEN', givenIds)
redis.call('ZCARD', marker)
`,
  helpers: `
local toReady = {}
local function enqueueRetried(push, id, crashes)
  ${hook('place', 'push', 'id', 'crashes')}
  toReady[#toReady + 1] = id
end
`,
  body: `
local ids, given = {}, {}
for i = rest, #ARGV do
  local id = ARGV[i]
  local _, isKept = isFailed(id)
  local isElsewhere, name = ownerOf(id)
  local stays = not isKept or isElsewhere or redis.call('HEXISTS', jobs, id) == 0
  if not stays then
    ${hook('mayRetry', 'id', 'stays')}
  end
  if not stays then
    takeFailed(id)
    ids[#ids + 1] = id
    if name then
      given[#given + 1] = id
      given[#given + 1] = queue .. ' ' .. name
    end
  end
end
if #ids > 0 then
  if #given > 0 then
    redis.call('HSET', givenIds, unpack(given))
    ${noteInMeta('given')}
    S.hasIds = true
  end
  local anew = {}
  for i = 1, #ids do
    anew[2 * i - 1] = ids[i]
    anew[2 * i] = ${ANEW}
  end
  redis.call('HSET', attempts, unpack(anew))
  if keeps then
    for i = 1, #ids do setStatus(ids[i], 'queued', 0) end
  else
    for i = 1, #ids do redis.call('UNLINK', statusPrefix .. ids[i]) end
  end
  for i = 1, #ids do enqueueRetried('RPUSH', ids[i], 0) end
  if #toReady > 0 then redis.call('RPUSH', ready, unpack(toReady)) end
  redis.call('ZADD', marker, 0, '0')
  ${hook('retried', 'ids')}
end
S.result = #ids
`,
});
