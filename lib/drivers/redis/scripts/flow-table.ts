import { FLOW_KINDS } from '../../../job/flow-ref.js';
import { MAX_FAILED_IDS } from '../../queue-flows.interface.js';
import { FIRST_ADDED } from '../../queue-batches.interface.js';
import { ADDED_STATES, DUE, FAILED_IDS, HELD, NODES, PLACES, STATES } from '../keys.js';
import { PUSH_ARGS, PUSH_DUE } from './flow-pushes.js';
import { OUTCOME } from './parts/outbox.part.js';

/**
 * The state of a node: a letter for each node, in the order of their numbers. A batch has them in a string of its own, other flows in the field
 * {@link RUN} of the head.
 */
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
const MOST_DUE = 300;
export const MOST_BYTES = 1_000_000;

/** For so long the end of a flow is left to the process that is about to tell it, in milliseconds: less than the lease of an outbox. */
const TELL_LEASE = 1_000;

/** The arguments that all scripts of flows have: see {@link FLOW_TABLE}. */
export const FLOW_ARGS = ['open', 'close', 'tells', ...PUSH_ARGS] as const;

/** The fields of the head of a batch that all scripts of flows read. The first four count nodes by their state. */
const HEAD =
  'p c f x total sealed stopped hasFailed endedAt retention allowFailures sweep sweepUntil moved telling'.split(' ');

/** The field of the head of a chain or a workflow that has all that changes. One text costs a third of its parts. */
export const RUN = 'run';
/** Lua pattern of this field: the states of all nodes; `stopped`; 1 once a node has failed; `endedAt`, or 0; how many callbacks there are; `retention`. */
export const RUN_PATTERN = '^(%a+) (%d) (%d) (%d+) (%d+) (%d+)$';
/** Lua pattern of what stands behind the states. */
const TAIL_PATTERN = RUN_PATTERN.replace('(%a+)', '');

/** The names of callbacks, as they are in the hash `nodes` in front of those of members. */
export const CALLBACK = { catch: '!catch', then: '!then', finally: '!finally' } as const;

/**
 * Lua of a table for one flow, which all scripts of flows share. All keys of a flow are in one slot.
 *
 * The head (HASH) has `name`, `createdAt`, and, of a chain or a workflow, `run`: see {@link RUN_PATTERN}. The head of a batch has the counters of the
 * states (p, c, f, x), `total`, `sealed` (1 once all nodes are known), `stopped`, `hasFailed` (1 once a node has failed), `endedAt` (ms, once nothing of it can run any more)
 * and `retention` (ms). A counter changes with the state of a node, in the same script: so an entry that arrives twice counts once.
 *
 * The hash `nodes` is a key of its own for a batch, and the head for other flows. It has for each node N -> its job, and once it is pushed the id and the queue alone; and, as far as there are any, `<N` -> the numbers of the nodes
 * for which it waits, `>N` -> those that wait for it, `=N` -> its result (of a chain only if the long way took it: see `chain-hops.ts`), `#NAME` -> N. A callback has a job until it is pushed, and `retry` nothing of
 * it afterwards: that makes it a latch.
 *
 * A batch has no jobs of its members there, since they are pushed at once, but of those that were added or that a failure has cancelled: the ZSETs `due` and `held`
 * have their numbers, and `@N` the id and the queue of such a job once it is pushed. The numbers of added members begin with `FIRST_ADDED`. `queues` has two characters for each other member, the code of its queue: `?QUEUE` and `%CODE` in `nodes` tell it.
 * `sweep` of the head says how far the members were looked at since the batch was stopped, and `sweepUntil` until when a process does that; `stops` counts the stops.
 *
 * `loadFlow(ref)` returns nothing if there is no such flow. `finish(flows)` finds the due jobs, pushes those that it can push, and adds the others to the reply; then it writes the flows
 * that have changed, and lets a flow expire if none of its jobs can run any more.
 *
 * It needs {@link FLOW_ARGS}. `open` and `close`: the texts in front of a reference in a key, and behind it. `tells`: 1 if somebody wants to know of the
 * ends of flows. Then `telling` of the head is there until an end was told: the time up to which a process does that.
 */
export const FLOW_TABLE = `
local flowCounts = { p = 'p', c = 'c', f = 'f', x = 'x', y = 'x' }
local dueReply, dueFlows, dueNodes, dueBytes, hasMore, ends = {}, {}, {}, 0, 0, {}
-- To write a number as text takes Redis longer than to find a text in a table.
local numberTexts = {}
local function textOf(number)
  local text = numberTexts[number]
  if not text then
    text = string.format('%d', number)
    numberTexts[number] = text
  end
  return text
end
-- What stands behind the states of the nodes, by its text: it is the same in most flows.
local tails = {}
local function readTail(text)
  local tail = tails[text]
  if tail == nil then
    local stopped, hasFailed, endedAt, callbacks, retention = string.match(text, '${TAIL_PATTERN}')
    tail = stopped and {
      isStopped = stopped == '${STOPPED.cancelled}', hasFailed = hasFailed == '1', endedAt = endedAt ~= '0' and endedAt,
      callbacks = callbacks, retention = retention,
    }
    tails[text] = tail or false
  end
  return tail
end
-- A flow that is no batch. \`tail\`: what stands behind the states of its nodes.
local function newFlow(ref, kind, key, letters, tail)
  tail = readTail(tail)
  if not tail then return end
  -- At most 16 fields, with those that are set later: Lua would double the table for one more.
  return {
    ref = ref, kind = kind, key = key, nodes = key, letters = letters, total = #letters,
    isStopped = tail.isStopped, hasFailed = tail.hasFailed, endedAt = tail.endedAt, tail = tail, due = {},
    isChanged = false, isConfirmed = false, hasEnded = false, isKept = string.find(letters, '${NODE_STATE.pushed}', 1, true) ~= nil,
  }
end
local function loadFlow(ref)
  local key, kind = open .. ref .. close, string.sub(ref, 1, 1)
  -- Another program may have the key, with another type: then there is no flow.
  if kind ~= '${FLOW_KINDS.batch}' then
    local run = redis.pcall('HGET', key, '${RUN}')
    if type(run) ~= 'string' then return end
    local letters = string.match(run, '^%a+')
    return letters and newFlow(ref, kind, key, letters, string.sub(run, #letters + 1))
  end
  local head = redis.pcall('HMGET', key, ${HEAD.map((field) => `'${field}'`).join(', ')})
  if head.err or not head[5] then return end
  local flow = { ref = ref, kind = kind, key = key, nodes = key .. '${NODES}', due = {}, isChanged = false }
  flow.isBatch, flow.states, flow.known = true, key .. '${STATES}', {}
  flow.p, flow.c, flow.f, flow.x = tonumber(head[1]) or 0, tonumber(head[2]) or 0, tonumber(head[3]) or 0, tonumber(head[4]) or 0
  flow.total, flow.isSealed, flow.stopped, flow.isStopped = tonumber(head[5]), head[6] == '1', head[7], head[7] == '${STOPPED.cancelled}'
  flow.hasFailed, flow.endedAt, flow.retention = head[8] == '1', head[9], string.format('%.0f', tonumber(head[10]) or 0)
  flow.allowsFailures, flow.sweep, flow.sweepUntil, flow.hasMoved = head[11] == '1', head[12], tonumber(head[13]) or 0, head[14] == '1'
  flow.telling = tonumber(head[15])
  return flow
end
-- The string with the state of a node, and its place there.
local function cellOf(flow, node)
  if node >= ${FIRST_ADDED} then return flow.key .. '${ADDED_STATES}', node - ${FIRST_ADDED} end
  return flow.states, node
end
local function stateOf(flow, node)
  if not flow.isBatch then
    local state = string.sub(flow.letters, node + 1, node + 1)
    return flowCounts[state] and state or '${NODE_STATE.waiting}'
  end
  local state = flow.known[node]
  if not state then
    local key, at = cellOf(flow, node)
    -- A batch does not know all numbers.
    state = redis.call('GETRANGE', key, at, at)
    flow.known[node] = state
  end
  return state
end
local function setState(flow, node, state, id, before)
  before = before or stateOf(flow, node)
  flow.isChanged = true
  if flow.isBatch then
    local less, more = flowCounts[before], flowCounts[state]
    if less then flow[less] = flow[less] - 1 end
    if more then flow[more] = flow[more] + 1 end
    local key, at = cellOf(flow, node)
    redis.call('SETRANGE', key, at, state)
    flow.known[node] = state
  else
    flow.letters = string.sub(flow.letters, 1, node) .. state .. string.sub(flow.letters, node + 2)
  end
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
  if flow.isStopped or stateOf(flow, node) ~= '${NODE_STATE.waiting}' then return end
  for _, other in ipairs(predecessorsOf(flow, node)) do
    if stateOf(flow, other) ~= '${NODE_STATE.completed}' then return end
  end
  flow.isDue = flow.isDue or {}
  if flow.isDue[node] then return end
  flow.isDue[node] = true
  flow.due[#flow.due + 1] = node
end
-- Wants the nodes that wait for completed ones.
local function wantBehind(flow, nodes)
  if flow.kind ~= '${FLOW_KINDS.chain}' then
    for _, node in ipairs(nodes) do
      for _, each in ipairs(successorsOf(flow, node)) do wantNode(flow, each) end
    end
  elseif not flow.isStopped then
    -- A chain has one node at most that waits behind a completed one.
    local at = string.find(flow.letters, '${NODE_STATE.completed}${NODE_STATE.waiting}', 1, true)
    if at then flow.due[1] = at end
  end
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
  if (flow.isBatch or flow.tail.callbacks ~= '0') and redis.call('HEXISTS', flow.nodes, name) == 1 then flow.due[#flow.due + 1] = name end
end
local function expireFlow(flow, command, ...)
  redis.call(command, flow.key, ...)
  if flow.hasFailed then redis.call(command, flow.key .. '${FAILED_IDS}', ...) end
  if flow.isBatch then
    for _, name in ipairs({ '${NODES}', '${STATES}', '${ADDED_STATES}', '${PLACES}', '${HELD}', '${DUE}' }) do redis.call(command, flow.key .. name, ...) end
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
-- How many nodes have completed, have failed, were cancelled.
local function countStates(flow)
  if flow.isBatch then return { flow.c, flow.f, flow.x } end
  local counts = {}
  for i, letter in ipairs({ 'c', 'f', 'x' }) do counts[i] = select(2, string.gsub(flow.letters, letter, '')) end
  return counts
end
local function isUntold(flow)
  if not flow.isBatch then flow.telling = tonumber(redis.call('HGET', flow.key, 'telling') or '') end
  return flow.telling and flow.telling <= now
end
-- Adds the end of a flow to the reply. Until the caller confirms that it was told, it is added again to later replies.
local function tellEnd(flow)
  redis.call('HSET', flow.key, 'telling', string.format('%.0f', now + ${TELL_LEASE}))
  local head = redis.call('HMGET', flow.key, 'createdAt', 'name')
  local counts = countStates(flow)
  for _, value in ipairs({ flow.ref, head[1], flow.endedAt, flow.total, counts[1], counts[2], counts[3], head[2] or '' }) do ends[#ends + 1] = value end
end
-- Notes that a job was pushed: it is not due any more.
local function confirmPushed(flow, node, name, place)
  if not node then return redis.call('HDEL', flow.nodes, name) end
  if not flow.isBatch then
    redis.call('HSET', flow.nodes, name, place)
  else
    redis.call('HDEL', flow.nodes, name)
    redis.call('HSET', flow.nodes, '@' .. node, place)
    redis.call('ZREM', flow.key .. '${DUE}', node)
    if not flow.hasMoved then redis.call('HSET', flow.key, 'moved', '1') end
  end
  if stateOf(flow, node) == '${NODE_STATE.waiting}' then
    flow.isConfirmed = true
    setState(flow, node, '${NODE_STATE.pushed}', nil, '${NODE_STATE.waiting}')
  end
end
-- A flow expires as long as nothing of it was pushed. Where a node was pushed before, it was kept then.
local function keepFlow(flow)
  if flow.isKept then return end
  local mayRun = not flow.endedAt and (flow.isSealed or not flow.isBatch)
  if mayRun and redis.call('PERSIST', flow.key) == 1 then expireFlow(flow, 'PERSIST') end
end
local function writeFlow(flow)
  if flow.isBatch then
    redis.call('HSET', flow.key, 'p', flow.p, 'c', flow.c, 'f', flow.f, 'x', flow.x)
    if flow.hasFailed then redis.call('HSET', flow.key, 'hasFailed', '1') end
  else
    local flags = (flow.isStopped and ' ${STOPPED.cancelled} ' or ' 0 ') .. (flow.hasFailed and '1 ' or '0 ') .. (flow.endedAt or '0')
    redis.call('HSET', flow.key, '${RUN}', flow.letters .. flags .. ' ' .. flow.tail.callbacks .. ' ' .. flow.tail.retention)
  end
end
-- Looks at the whole: the callbacks that are due, and whether anything can still run.
local function decide(flow)
  local hasEnded, hasCompleted
  if flow.isBatch then
    wantMembers(flow)
    hasEnded = flow.isSealed and flow.p == 0 and #flow.due == 0 and waitingIn(flow) == 0
    hasCompleted = flow.isSealed and flow.c == flow.total
  else
    hasEnded = #flow.due == 0 and not string.find(flow.letters, '${NODE_STATE.pushed}', 1, true)
    hasCompleted = #flow.due == 0 and not string.find(flow.letters, '[^${NODE_STATE.completed}]')
  end
  if flow.hasFailed then wantCallback(flow, '${CALLBACK.catch}') end
  if hasCompleted then wantCallback(flow, '${CALLBACK.then}') end
  if hasEnded then wantCallback(flow, '${CALLBACK.finally}') end
  flow.hasEnded = hasEnded
end
local function saveFlow(flow)
  local hasEnded = flow.hasEnded
  local endsNow, goesOn = hasEnded and not flow.endedAt, flow.endedAt and not hasEnded
  if endsNow then flow.endedAt = string.format('%.0f', now) end
  if goesOn then flow.endedAt = nil end
  if flow.isChanged or (endsNow or goesOn) and not flow.isBatch then writeFlow(flow) end
  if endsNow then
    if flow.isBatch then redis.call('HSET', flow.key, 'endedAt', flow.endedAt) end
    expireFlow(flow, 'PEXPIRE', flow.retention or flow.tail.retention)
  elseif goesOn then
    redis.call('HDEL', flow.key, 'endedAt', 'telling')
    expireFlow(flow, 'PERSIST')
  end
  if tells == '1' and hasEnded and (endsNow or isUntold(flow)) then tellEnd(flow) end
  if flow.isConfirmed then keepFlow(flow) end
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
  for i = 1, #flow.due do
    local count = #dueFlows
    if count >= ${MOST_DUE} or dueBytes > ${MOST_BYTES} then
      hasMore = 1
      return
    end
    local name, job, result = flow.due[i], nil, ''
    local node = type(name) == 'number' and name
    if node then name = textOf(node) end
    if node and node > 0 and flow.kind == '${FLOW_KINDS.chain}' then
      local found = redis.call('HMGET', flow.nodes, name, '=' .. textOf(node - 1))
      job, result = found[1], found[2] or ''
    else
      job = redis.call('HGET', flow.nodes, name)
    end
    if job then
      local n = 4 * count
      dueReply[n + 1], dueReply[n + 2], dueReply[n + 3], dueReply[n + 4] = flow.ref, name, job, result
      dueFlows[count + 1], dueNodes[count + 1], dueBytes = flow, node, dueBytes + #job + #result
    end
  end
end
${PUSH_DUE}
local function finish(flows)
  for i = 1, #flows do
    decide(flows[i])
    addDue(flows[i])
  end
  pushDue()
  for i = 1, #flows do saveFlow(flows[i]) end
end
`;

/**
 * Lua of the reply that `finish` makes: the time, 1 if a further call brings more, a list of the ends of flows that the caller has to tell, then
 * the due jobs. Of each end: the reference, when the flow was stored and when it ended, the number of its nodes and of those that have completed, failed
 * and were cancelled, and its name, or an empty text.
 */
export const DUE_REPLY = `{ string.format('%.0f', now), hasMore, ends, unpack(dueReply) }`;

/** Lua that returns the ids of the first failed jobs of a flow. */
export function failedIdsOf(key: string): string {
  return `redis.call('ZRANGE', ${key} .. '${FAILED_IDS}', 0, ${MAX_FAILED_IDS - 1})`;
}
