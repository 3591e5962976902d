import { defineScript } from './script.js';

/**
 * Works out the state of a job for which no status is kept.
 *
 * Reply: state, ms of its last change as far as known, attempt; empty where the queue does not have the job.
 */
export const inspectScript = defineScript({
  name: 'inspect',
  keys: ['delayed', 'jobs', 'attempts', 'consumers'],
  args: ['id', 'claimedPrefix'],
  flags: ['no-writes', 'allow-oom'],
  body: `
local record = redis.call('HGET', jobs, id)
if not record then return {} end
local tries = tonumber(string.match(redis.call('HGET', attempts, id) or '', '^%d+') or 0)
local pushedAt = string.match(record, '^%d+') or '0'
if redis.call('ZSCORE', delayed, id) then
  return { tries > 0 and 'retrying' or 'delayed', pushedAt, tries }
end
for _, consumer in ipairs(redis.call('ZRANGE', consumers, 0, -1)) do
  local fence = redis.call('HGET', claimedPrefix .. consumer, id)
  -- A fence is about the time of the claim, in thousandths of a millisecond.
  if fence then return { 'processing', string.format('%.0f', math.min(math.floor(tonumber(fence) / 1000), now)), tries + 1 } end
end
return { tries > 0 and 'retrying' or 'queued', pushedAt, tries }
`,
});
