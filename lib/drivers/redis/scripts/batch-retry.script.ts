import { DUE, HELD } from '../keys.js';
import { PAGE } from './batch-feed.script.js';
import { DUE_REPLY, FLOW_ARGS, FLOW_TABLE, NODE_STATE, STOPPED } from './flow-table.js';
import { SWEEP_LEASE } from './flows.script.js';
import { defineScript } from './script.js';

/** Reads what a retry needs: how often the batch was stopped, how many members are held, 1 if it was cancelled. Empty without one. */
export const readHeldScript = defineScript({
  name: 'read held',
  keys: ['flow'],
  args: [],
  flags: ['no-writes', 'allow-oom'],
  body: `
local head = redis.call('HMGET', flow, 'total', 'stops', 'stopped')
if not head[1] then return {} end
return { tonumber(head[2] or 0), redis.call('ZCARD', flow .. '${HELD}'), head[3] == '${STOPPED.cancelled}' and 1 or 0 }
`,
});

/**
 * Lets some of the members that a failure has cancelled be pushed again, unless the batch was stopped once more, or cancelled.
 *
 * `stops`: how often it had been stopped when the retry began. Reply: 1 if there are more, then as of `hand over`.
 */
export const retryBatchScript = defineScript({
  name: 'retry batch',
  keys: ['flow'],
  args: [...FLOW_ARGS, 'ref', 'stops'],
  numbers: ['stops'],
  flags: ['allow-oom'],
  body: `${FLOW_TABLE}
local batch, more = loadFlow(ref), 0
if not batch then return { 0, '0', 0, {} } end
if not batch.isStopped and tonumber(redis.call('HGET', flow, 'stops') or 0) == stops then
  if batch.stopped then redis.call('HDEL', flow, 'stopped', 'sweep', 'sweepUntil') end
  batch.stopped, batch.sweep = nil, nil
  local held = redis.call('ZRANGE', flow .. '${HELD}', 0, ${PAGE - 1})
  for _, node in ipairs(held) do
    setState(batch, tonumber(node), '${NODE_STATE.waiting}')
    redis.call('ZADD', flow .. '${DUE}', node, node)
  end
  if #held > 0 then redis.call('ZREM', flow .. '${HELD}', unpack(held)) end
  more = redis.call('ZCARD', flow .. '${HELD}') > 0 and 1 or 0
end
finish({ batch })
return { more, unpack(${DUE_REPLY}) }
`,
});

/** Cancels a batch: its members have to be swept then. Reply: 0 if there is none, or nothing of it can run any more. */
export const cancelBatchScript = defineScript({
  name: 'cancel batch',
  keys: ['flow'],
  args: [...FLOW_ARGS, 'ref', 'reason'],
  flags: ['allow-oom'],
  body: `${FLOW_TABLE}
local batch = loadFlow(ref)
if not batch then return 0 end
if batch.isStopped then return batch.endedAt and 0 or 1 end
if batch.endedAt then return 0 end
redis.call('HSET', flow, 'stopped', '${STOPPED.cancelled}', 'reason', reason, 'sweep', '0', 'sweepUntil', string.format('%.0f', now + ${SWEEP_LEASE}))
return 1
`,
});
