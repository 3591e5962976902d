import { FLOW_KINDS } from '../../../job/flow-ref.js';
import { MAX_FAILED_IDS } from '../../queue-flows.interface.js';
import { FIRST_ADDED } from '../../queue-batches.interface.js';
import { ADDED_STATES, DUE, FAILED_IDS, HELD, NODES, PLACES, STATES } from '../keys.js';
import { OUTCOME } from './parts/outbox.part.js';

/** The state of a node, in the string `states`: a letter for each node, in the order of their numbers. */
export const NODE_STATE = {
  /** It waits for other nodes, or was not pushed yet. */
  waiting: 'w',
  pushed: 'p',
  completed: OUTCOME.completed,
  failed: OUTCOME.failed,
  cancelled: OUTCOME.cancelled,
  /** A failure in its batch has cancelled it. Its job is in `nodes`. */
  held: OUTCOME.stopped,
} as const;

/** Why a flow is stopped, in the field `stopped`: it was cancelled, or a member of a batch has failed. */
export const STOPPED = { cancelled: '1', failed: 'f' } as const;

/** The most jobs that one reply of a flow script brings, and the bytes of their records after which no more are brought. */
const MOST_DUE = 100;
const MOST_BYTES = 1_000_000;

/** For so long the end of a flow is left to the process that is about to tell it, in milliseconds: less than the lease of an outbox. */
const TELL_LEASE = 1_000;

/** The arguments that all scripts of flows have: see {@link FLOW_TABLE}. */
export const FLOW_ARGS = ['open', 'close', 'tells'] as const;

/** The fields of the head of a flow that all scripts of flows read. The first four count nodes by their state. */
const HEAD =
  'p c f x total sealed stopped hasFailed endedAt retention allowFailures sweep sweepUntil moved telling'.split(' ');

/** The names of callbacks, as they are in the hash `nodes` in front of those of members. */
export const CALLBACK = { catch: '!catch', then: '!then', finally: '!finally' } as const;

/**
 * Lua of a table for one flow, which all scripts of flows share. All keys of a flow are in one slot.
 *
 * The head (HASH) has the counters of the states (p, c, f, x), `total`, `sealed` (1 once all nodes are known), `stopped` (1 if nothing more
 * is pushed), `hasFailed` (1 once a node has failed), `createdAt`, `endedAt` (ms, once nothing of it can run any more), `retention` (ms)
 * and `name`. A counter changes with the state of a node, in the same script: so an entry that arrives twice counts once.
 *
 * The hash `nodes` has for each node N that is not pushed yet N -> job; and, as far as there are any, `<N` -> the numbers of the nodes for which it waits,
 * `>N` -> those that wait for it, `=N` -> its result, `@N` -> id and queue of the pushed job, `#NAME` -> N. A callback has a job until it is pushed, and `retry` nothing of
 * it afterwards: that makes it a latch.
 *
 * A batch has no jobs of its members there, since they are pushed at once, but of those that were added or that a failure has cancelled: the ZSETs `due` and `held`
 * have their numbers. The numbers of added members begin with `FIRST_ADDED`. `queues` has two characters for each other member, the code of its queue: `?QUEUE` and `%CODE` in `nodes` tell it.
 * `sweep` of the head says how far the members were looked at since the batch was stopped, and `sweepUntil` until when a process does that; `stops` counts the stops.
 *
 * `loadFlow(ref)` returns nothing if there is no such flow. `saveFlow(flow)` writes what has changed, and lets a flow expire of which nothing can
 * run any more. `addDue(flow)` adds the jobs that have to be pushed to the reply.
 *
 * It needs {@link FLOW_ARGS}. `open` and `close`: the texts in front of a reference in a key, and behind it. `tells`: 1 if somebody wants to know of the
 * ends of flows. Then `telling` of the head is there until an end was told: the time up to which a process does that.
 */
export const FLOW_TABLE = `
local flowCounts = { p = 'p', c = 'c', f = 'f', x = 'x', y = 'x' }
local dueReply, dueBytes, dueCount, hasMore, ends = {}, 0, 0, 0, {}
local function loadFlow(ref)
  local key = open .. ref .. close
  -- Another program may have the key, with another type: then there is no flow.
  local head = redis.pcall('HMGET', key, ${HEAD.map((field) => `'${field}'`).join(', ')})
  if head.err or not head[5] then return end
  local flow = { ref = ref, kind = string.sub(ref, 1, 1), key = key, nodes = key .. '${NODES}', states = key .. '${STATES}' }
  flow.p, flow.c, flow.f, flow.x = tonumber(head[1]) or 0, tonumber(head[2]) or 0, tonumber(head[3]) or 0, tonumber(head[4]) or 0
  flow.total, flow.isSealed, flow.stopped, flow.isStopped = tonumber(head[5]), head[6] == '1', head[7], head[7] == '${STOPPED.cancelled}'
  flow.hasFailed, flow.endedAt, flow.retention = head[8] == '1', head[9], tonumber(head[10]) or 0
  flow.isBatch, flow.allowsFailures, flow.sweep, flow.sweepUntil = flow.kind == '${FLOW_KINDS.batch}', head[11] == '1', head[12], tonumber(head[13]) or 0
  flow.hasMoved, flow.telling = head[14] == '1', tonumber(head[15])
  flow.known, flow.isDue, flow.due, flow.isChanged = {}, {}, {}, false
  return flow
end
-- The string with the state of a node, and its place there.
local function cellOf(flow, node)
  if node >= ${FIRST_ADDED} then return flow.key .. '${ADDED_STATES}', node - ${FIRST_ADDED} end
  return flow.states, node
end
local function stateOf(flow, node)
  local state = flow.known[node]
  if not state then
    local key, at = cellOf(flow, node)
    state = redis.call('GETRANGE', key, at, at)
    -- A batch does not know all numbers.
    if not flowCounts[state] and (not flow.isBatch or state == '${NODE_STATE.waiting}') then state = '${NODE_STATE.waiting}' end
    flow.known[node] = state
  end
  return state
end
local function setState(flow, node, state, id)
  local before = stateOf(flow, node)
  local less, more = flowCounts[before], flowCounts[state]
  if less then flow[less] = flow[less] - 1 end
  if more then flow[more] = flow[more] + 1 end
  local key, at = cellOf(flow, node)
  redis.call('SETRANGE', key, at, state)
  if before == '${NODE_STATE.failed}' then redis.call('ZREM', flow.key .. '${FAILED_IDS}', id) end
  if state == '${NODE_STATE.failed}' then
    flow.hasFailed = true
    redis.call('ZADD', flow.key .. '${FAILED_IDS}', now, id)
    if flow.isBatch and not flow.stopped and not flow.allowsFailures then
      flow.stopped, flow.sweep, flow.sweepUntil = '${STOPPED.failed}', '0', 0
      redis.call('HSET', flow.key, 'stopped', flow.stopped, 'sweep', '0')
      redis.call('HINCRBY', flow.key, 'stops', 1)
    end
  end
  flow.known[node], flow.isChanged = state, true
end
-- The nodes that wait for a node, and those for which a node waits.
local function numbersIn(flow, field)
  local numbers = {}
  for number in string.gmatch(redis.call('HGET', flow.nodes, field) or '', '%d+') do numbers[#numbers + 1] = tonumber(number) end
  return numbers
end
local function successorsOf(flow, node)
  if flow.kind == '${FLOW_KINDS.chain}' then return node + 1 < flow.total and { node + 1 } or {} end
  if flow.kind == '${FLOW_KINDS.workflow}' then return numbersIn(flow, '>' .. node) end
  return {}
end
local function predecessorsOf(flow, node)
  if flow.kind == '${FLOW_KINDS.chain}' then return node > 0 and { node - 1 } or {} end
  if flow.kind == '${FLOW_KINDS.workflow}' then return numbersIn(flow, '<' .. node) end
  return {}
end
local function wantNode(flow, node)
  if flow.isDue[node] or flow.isStopped or stateOf(flow, node) ~= '${NODE_STATE.waiting}' then return end
  for _, other in ipairs(predecessorsOf(flow, node)) do
    if stateOf(flow, other) ~= '${NODE_STATE.completed}' then return end
  end
  flow.isDue[node] = true
  flow.due[#flow.due + 1] = node
end
-- Cancels the waiting nodes behind a node.
local function cancelBehind(flow, node)
  local open = { node }
  while #open > 0 do
    for _, each in ipairs(successorsOf(flow, table.remove(open))) do
      if stateOf(flow, each) == '${NODE_STATE.waiting}' then
        setState(flow, each, '${NODE_STATE.cancelled}')
        open[#open + 1] = each
      end
    end
  end
end
local function wantCallback(flow, name)
  if redis.call('HEXISTS', flow.nodes, name) == 1 then flow.due[#flow.due + 1] = name end
end
local function expireFlow(flow, command, ...)
  for _, key in ipairs({ flow.key, flow.nodes, flow.states, flow.key .. '${FAILED_IDS}' }) do redis.call(command, key, ...) end
  if flow.isBatch then
    for _, name in ipairs({ '${ADDED_STATES}', '${PLACES}', '${HELD}', '${DUE}' }) do redis.call(command, flow.key .. name, ...) end
  end
end
-- How many members of a batch were not pushed yet.
local function waitingIn(flow)
  return flow.isBatch and flow.total - flow.p - flow.c - flow.f - flow.x or 0
end
local function wantMembers(flow)
  if flow.isStopped or waitingIn(flow) == 0 then return end
  for _, node in ipairs(redis.call('ZRANGE', flow.key .. '${DUE}', 0, ${MOST_DUE})) do flow.due[#flow.due + 1] = tonumber(node) end
end
-- Adds the end of a flow to the reply. Until the caller confirms that it was told, it is added again to later replies.
local function tellEnd(flow)
  redis.call('HSET', flow.key, 'telling', string.format('%.0f', now + ${TELL_LEASE}))
  local head = redis.call('HMGET', flow.key, 'createdAt', 'name')
  for _, value in ipairs({ flow.ref, head[1], flow.endedAt, flow.total, flow.c, flow.f, flow.x, head[2] or '' }) do ends[#ends + 1] = value end
end
-- Looks at the whole: the callbacks that are due, and whether anything can still run.
local function saveFlow(flow)
  wantMembers(flow)
  local hasEnded = flow.isSealed and flow.p == 0 and #flow.due == 0 and waitingIn(flow) == 0
  if flow.hasFailed then wantCallback(flow, '${CALLBACK.catch}') end
  if flow.isSealed and flow.c == flow.total then wantCallback(flow, '${CALLBACK.then}') end
  if hasEnded then wantCallback(flow, '${CALLBACK.finally}') end
  if flow.isChanged then
    redis.call('HSET', flow.key, 'p', flow.p, 'c', flow.c, 'f', flow.f, 'x', flow.x)
    if flow.hasFailed then redis.call('HSET', flow.key, 'hasFailed', '1') end
  end
  local isNew = hasEnded and not flow.endedAt
  if isNew then
    flow.endedAt = string.format('%.0f', now)
    redis.call('HSET', flow.key, 'endedAt', flow.endedAt)
    expireFlow(flow, 'PEXPIRE', string.format('%.0f', flow.retention))
  elseif not hasEnded and flow.endedAt then
    redis.call('HDEL', flow.key, 'endedAt', 'telling')
    expireFlow(flow, 'PERSIST')
  end
  if tells == '1' and hasEnded and (isNew or flow.telling and flow.telling <= now) then tellEnd(flow) end
end
local function sealFlow(flow)
  if flow.isSealed then return end
  flow.isSealed = true
  redis.call('HSET', flow.key, 'sealed', '1')
  -- Members may have been pushed behind the sweep.
  if flow.stopped then
    flow.sweep, flow.sweepUntil = '0', 0
    redis.call('HSET', flow.key, 'sweep', '0')
  end
  expireFlow(flow, 'PERSIST')
end
-- Adds the due jobs of a flow to the reply: the reference, the node, the job, and the result of the node before it in a chain.
local function addDue(flow)
  for _, name in ipairs(flow.due) do
    if dueCount >= ${MOST_DUE} or dueBytes > ${MOST_BYTES} then
      hasMore = 1
      return
    end
    local job = redis.call('HGET', flow.nodes, name)
    local result = ''
    if flow.kind == '${FLOW_KINDS.chain}' and type(name) == 'number' and name > 0 then result = redis.call('HGET', flow.nodes, '=' .. name - 1) or '' end
    if job then
      for _, value in ipairs({ flow.ref, tostring(name), job, result }) do dueReply[#dueReply + 1] = value end
      dueCount, dueBytes = dueCount + 1, dueBytes + #job + #result
    end
  end
end
`;

/**
 * Lua of the reply that `saveFlow` and `addDue` make: the time, 1 if a further call brings more, a list of the ends of flows that the caller has to tell, then
 * the due jobs. Of each end: the reference, when the flow was stored and when it ended, the number of its nodes and of those that have completed, failed
 * and were cancelled, and its name, or an empty text.
 */
export const DUE_REPLY = `{ string.format('%.0f', now), hasMore, ends, unpack(dueReply) }`;

/** Lua that returns the ids of the first failed jobs of a flow. */
export function failedIdsOf(key: string): string {
  return `redis.call('ZRANGE', ${key} .. '${FAILED_IDS}', 0, ${MAX_FAILED_IDS - 1})`;
}
