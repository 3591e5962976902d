import { READ_OWNER } from '../fragments.js';
import { hook } from '../hooks.js';
import { definePart } from '../part.js';

/** Reads the names of ended jobs whose ids the application gave. */
export const namesInStatuses = definePart({
  name: 'names in statuses',
  args: ['statusPrefix'],
  helpers: `${READ_OWNER}-- The name in the status of a job; nothing if the id was generated.
local function nameInStatus(id)
  local _, name = ownerIn(redis.pcall('GET', statusPrefix .. id))
  return decodeName(name)
end
`,
});

/**
 * Puts failed jobs back to the end of the queue, as new ones: their attempts and crashes were forgotten when they failed. It
 * needs the parts `answer`, `failed jobs`, `names in statuses`, `given ids` and `status` before it.
 *
 * The name of a job whose id the application gave is in its status as long as it has ended: it goes back to the given ids.
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
  body: `
local ids, owners = {}, {}
for i = rest, #ARGV do
  local id = ARGV[i]
  local _, isKept = isFailed(id)
  if isKept and redis.call('HEXISTS', jobs, id) == 1 then
    takeFailed(id)
    ids[#ids + 1] = id
    local name = nameInStatus(id)
    if name then
      owners[#owners + 1] = id
      owners[#owners + 1] = queue .. ' ' .. name
    end
  end
end
if #ids > 0 then
  if #owners > 0 then
    redis.call('HSET', givenIds, unpack(owners))
    redis.call('HSET', meta, 'given', '1')
    -- A pause keeps this key for as long as it lasts.
    if redis.call('HEXISTS', meta, 'paused') == 0 then redis.call('EXPIRE', meta, 86400) end
    S.hasIds = true
  end
  redis.call('HDEL', attempts, unpack(ids))
  if keeps then
    for i = 1, #ids do setStatus(ids[i], 'queued', 0) end
  else
    for i = 1, #ids do redis.call('UNLINK', statusPrefix .. ids[i]) end
  end
  redis.call('RPUSH', ready, unpack(ids))
  redis.call('ZADD', marker, 0, '0')
  ${hook('retried', 'ids')}
end
S.result = #ids
`,
});
