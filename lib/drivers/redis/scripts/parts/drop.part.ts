import { hook } from '../hooks.js';
import { definePart } from '../part.js';

/**
 * Drops some of the jobs that wait in one place, and were pushed by a certain time. However late or often the command
 * arrives, jobs that were pushed since stay.
 *
 * `place` is `ready`, `recovered`, `delayed`, or one that another part knows; `skip` elements at its front are known to stay.
 */
export const drop = definePart({
  name: 'drop',
  keys: ['ready', 'delayed', 'recovered', 'jobs', 'attempts', 'marker'],
  args: ['place', 'statusPrefix'],
  numbers: ['pushedBy', 'skip', 'limit'],
  reads: `
redis.call('LLEN', ready)
redis.call('ZCARD', delayed)
redis.call('LLEN', recovered)
redis.call('HLEN', jobs)
redis.call('HLEN', attempts)
redis.call('ZCARD', marker)
`,
  body: `
local list, isList = place, place ~= 'delayed'
${hook('placeToClear', 'list')}
local key, last = isList and listAndGone(list) or delayed, skip + limit - 1
local ids = redis.call(isList and 'LRANGE' or 'ZRANGE', key, skip, last)
if #ids == 0 then return { 0, 0, 0 } end

local records = redis.call('HMGET', jobs, unpack(ids))
local isStale = {}
${hook('looked', 'ids', 'isStale')}
local old, leaving, statuses = {}, {}, {}
for i = 1, #ids do
  local pushedAt = records[i] and tonumber(string.sub(records[i], 1, 13)) or 0
  if isStale[i] then
    leaving[#leaving + 1] = ids[i]
  elseif pushedAt <= pushedBy then
    leaving[#leaving + 1] = ids[i]
    old[#old + 1] = ids[i]
    statuses[#statuses + 1] = statusPrefix .. ids[i]
  end
end
if #leaving == 0 then return { #ids, #ids, 0 } end

if not isList then
  redis.call('ZREM', key, unpack(leaving))
elseif #leaving == #ids and skip == 0 then
  redis.call('LTRIM', key, #ids, -1)
else
  for i = 1, #leaving do redis.call('LREM', key, 1, leaving[i]) end
end
${hook('left')}
local dropped = 0
if #old > 0 then
  dropped = redis.call('HDEL', jobs, unpack(old))
  redis.call('HDEL', attempts, unpack(old))
  redis.call('UNLINK', unpack(statuses))
  ${hook('dropped', 'old')}
end
if waitingCount() == 0 then redis.call('DEL', marker) end
S.result = { #ids, #ids - #leaving, dropped }
`,
});
