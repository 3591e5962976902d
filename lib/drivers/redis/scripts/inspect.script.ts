import { COMPLETED_HEAD } from './parts/retain.part.js';
import { defineScript } from './script.js';

/** The keys of a queue that the script reads, in the order of its arguments. */
export const INSPECTED_KEYS = [
  'jobs',
  'delayed',
  'attempts',
  'consumers',
  'claimedPrefix',
  'progress',
  'failed',
  'completedIds',
] as const;

/**
 * Derives the state of a job that has no kept status, in one of several queues. In a cluster it reads one queue.
 *
 * `route` is a key of the first queue: in a cluster it leads to the node.
 * rest: for each queue its name, then {@link INSPECTED_KEYS}.
 * Reply: the queue, state, ms of its last change as far as known, attempt, progress if there is one. Empty if no queue has the job. Only the name
 * of a queue if that queue cannot be read and no other queue has the job; if it is read alone, such a queue replies
 * with its error.
 */
export const inspectScript = defineScript({
  name: 'inspect',
  keys: ['route'],
  args: ['id'],
  flags: ['no-writes', 'allow-oom'],
  body: `
local function look(queue, jobs, delayed, attempts, consumers, claimedPrefix, progress, failed, completedIds)
  local record = redis.call('HGET', jobs, id)
  if not record then return {} end
  local tries = tonumber(string.match(redis.call('HGET', attempts, id) or '', '^%d+') or 0)
  local pushedAt = string.match(record, '^%d+') or '0'
  local told = redis.call('HGET', progress, id) or nil
  if redis.call('ZSCORE', delayed, id) then
    return { queue, tries > 0 and 'retrying' or 'delayed', pushedAt, tries, told }
  end
  for _, consumer in ipairs(redis.call('ZRANGE', consumers, 0, -1)) do
    local fence = redis.call('HGET', claimedPrefix .. consumer, id)
    -- A fence is close to the time of the claim, in thousandths of a millisecond.
    if fence then
      local claimedAt = string.format('%.0f', math.min(math.floor(tonumber(fence) / 1000), now))
      return { queue, 'processing', claimedAt, tries + 1, told }
    end
  end
  -- The record of an ended job may stay a while longer than its status.
  if redis.call('ZSCORE', failed, id) then return {} end
  for _, element in ipairs(redis.call('LRANGE', completedIds, 0, -1)) do
    if string.sub(element, ${COMPLETED_HEAD + 1}) == id then return {} end
  end
  return { queue, tries > 0 and 'retrying' or 'queued', pushedAt, tries, told }
end

if #ARGV == rest + ${INSPECTED_KEYS.length} then return look(unpack(ARGV, rest)) end
local unreadable
for i = rest, #ARGV, ${INSPECTED_KEYS.length + 1} do
  local isRead, reply = pcall(look, unpack(ARGV, i, i + ${INSPECTED_KEYS.length}))
  if not isRead then
    unreadable = ARGV[i]
  elseif #reply > 0 then
    return reply
  end
end
return { unreadable }
`,
});
