import { defineScript } from './script.js';

/**
 * Works out the state of a job for which no status is kept.
 *
 * Reply: state, ms of its last change as far as known, attempt; empty where the queue does not have the job.
 */
export const inspectScript = defineScript({
  name: 'inspect',
  keys: ['delayed', 'jobs', 'tally', 'workers'],
  args: ['id', 'claimedPrefix'],
  flags: ['no-writes', 'allow-oom'],
  body: `
local record = redis.call('HGET', jobs, id)
if not record then return {} end
local attempts = tonumber(string.match(redis.call('HGET', tally, id) or '', '^%d+') or 0)
local pushedAt = string.match(record, '^%d+') or '0'
if redis.call('ZSCORE', delayed, id) then
  return { attempts > 0 and 'retrying' or 'delayed', pushedAt, attempts }
end
for _, worker in ipairs(redis.call('ZRANGE', workers, 0, -1)) do
  local fence = redis.call('HGET', claimedPrefix .. worker, id)
  -- A fence is about the time of the claim, in thousandths of a millisecond.
  if fence then return { 'processing', string.format('%.0f', math.min(math.floor(tonumber(fence) / 1000), now)), attempts + 1 } end
end
return { attempts > 0 and 'retrying' or 'queued', pushedAt, attempts }
`,
});
