import { defineScript } from './script.js';

/**
 * Drops some of the jobs that wait.
 *
 * Reply: how many elements were looked at (0: nothing is left), how many jobs were dropped.
 */
export const clearScript = defineScript({
  name: 'clear',
  keys: ['ready', 'delayed', 'suspects', 'jobs', 'tally', 'marker'],
  args: ['limit', 'statusPrefix'],
  flags: ['allow-oom'],
  body: `
redis.call('LLEN', ready)
redis.call('ZCARD', delayed)
redis.call('LLEN', suspects)
redis.call('HLEN', jobs)
redis.call('HLEN', tally)
redis.call('ZCARD', marker)
local ids = redis.call('LPOP', ready, limit) or redis.call('LPOP', suspects, limit)
if not ids then
  ids = {}
  local popped = redis.call('ZPOPMIN', delayed, limit)
  for i = 1, #popped, 2 do ids[#ids + 1] = popped[i] end
end
if #ids == 0 then return { 0, 0 } end
local dropped = redis.call('HDEL', jobs, unpack(ids))
redis.call('HDEL', tally, unpack(ids))
local statuses = {}
for i = 1, #ids do statuses[i] = statusPrefix .. ids[i] end
redis.call('UNLINK', unpack(statuses))
if redis.call('LLEN', ready) + redis.call('LLEN', suspects) + redis.call('ZCARD', delayed) == 0 then redis.call('DEL', marker) end
return { #ids, dropped }
`,
});
