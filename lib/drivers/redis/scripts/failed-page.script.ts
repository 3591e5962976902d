import { defineScript } from './script.js';

/**
 * Reads failed jobs, in the order in which they failed. It leaves out those whose time is over, and tells nothing of their data.
 *
 * `afterScore`, `afterId`: the last job that was read; empty at first. If it is gone, jobs that failed in the same moment may be
 * read again. `headers`: 1 to read the first lines of the records.
 * Reply: the time in ms; the score and the id of the last job that was read, empty if there is no further one; the number of moves
 * to other queues that have not ended; for each job its id, the time of its failure in ms, and the first line of its record.
 */
export const failedPageScript = defineScript({
  name: 'failed page',
  keys: ['failed', 'expiry', 'jobs', 'moves'],
  args: ['failedTtl', 'afterScore', 'afterId', 'limit', 'headers'],
  numbers: ['limit'],
  flags: ['no-writes', 'allow-oom'],
  body: `
local from = redis.call('ZCOUNT', failed, '-inf', string.format('%.3f', now / 1000 - failedTtl))
local hasExpiry = redis.call('ZCARD', expiry) > 0
if hasExpiry then from = 0 end
if afterId ~= '' then
  -- A job that has failed again stands in another place.
  local isThere = redis.call('ZSCORE', failed, afterId) == afterScore
  local passed = isThere and redis.call('ZRANK', failed, afterId) + 1 or redis.call('ZCOUNT', failed, '-inf', '(' .. afterScore)
  from = math.max(from, passed)
end
local page = redis.call('ZRANGE', failed, from, from + limit - 1, 'WITHSCORES')
local count = #page / 2
local isLast = from + count >= redis.call('ZCARD', failed)
local reply = { now, isLast and '' or page[2 * count], isLast and '' or page[2 * count - 1], redis.call('HLEN', moves) }
if count == 0 then return reply end
local ids = {}
for i = 1, count do ids[i] = page[2 * i - 1] end
local records = headers == '1' and redis.call('HMGET', jobs, unpack(ids)) or {}
for i = 1, count do
  local score = page[2 * i]
  local ends = hasExpiry and redis.call('ZSCORE', expiry, ids[i]) or score + failedTtl
  if ends * 1000 > now then
    reply[#reply + 1] = ids[i]
    reply[#reply + 1] = string.format('%.0f', score * 1000)
    reply[#reply + 1] = records[i] and string.match(records[i], '^%d*([^\\n]*)') or ''
  end
end
return reply`,
});
