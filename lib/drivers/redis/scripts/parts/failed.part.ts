import { definePart } from '../part.js';

/** Knows the failed jobs that are kept. */
export const failedJobs = definePart({
  name: 'failed jobs',
  keys: ['failed', 'expiry', 'ownTime'],
  args: ['failedTtl'],
  reads: `
redis.call('ZCARD', failed)
S.hasExpiry = redis.call('ZCARD', expiry) > 0
`,
  helpers: `
-- Returns whether a job is listed as a failed one, whether its time is not over yet, and when it is over, in seconds.
local function isFailed(id)
  local at = redis.call('ZSCORE', failed, id)
  if not at then return false, false end
  local ends = S.hasExpiry and redis.call('ZSCORE', expiry, id) or at + failedTtl
  return true, ends * 1000 > now, tonumber(ends)
end
-- Takes a job from the list of failed jobs.
local function takeFailed(id)
  redis.call('ZREM', failed, id)
  if S.hasExpiry then
    redis.call('ZREM', expiry, id)
    redis.call('ZREM', ownTime, id)
  end
end
`,
});
