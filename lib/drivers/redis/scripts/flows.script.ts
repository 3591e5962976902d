import { FLOW_KINDS } from '../../../job/flow-ref.js';
import { DUE, HELD } from '../keys.js';
import { CHAIN_HOPS, NEW_CHAINS } from './chain-hops.js';
import {
  CALLBACK,
  DUE_REPLY,
  failedIdsOf,
  FLOW_ARGS,
  FLOW_TABLE,
  NODE_STATE,
  RUN,
  RUN_PATTERN,
  STOPPED,
} from './flow-table.js';
import { SEAL } from './parts/outbox.part.js';
import { defineScript } from './script.js';

/** How many fields and values one command writes: Lua passes at most 7,999. */
const FIELDS_AT_ONCE = 1_000;
/** The values of a flow in front of those of its nodes, and of a node, where a flow is stored. */
const VALUES_OF_FLOW = 6;
const VALUES_OF_NODE = 4;

/**
 * Stores flows, each unless there is one with its reference. A second arrival stores nothing. No two have the same reference; in a cluster a call is for one flow.
 *
 * rest: for each flow its reference, its name (empty without one), when it was made, its retention in ms, the number of its nodes and of its callbacks; for each
 * node its job, and, but of a chain, the numbers of the nodes for which it waits, those of the nodes that wait for it, and its name, each perhaps
 * empty; the name and the job of each callback. Reply: a list that has for each flow 1 if it is new, and when it was stored first; then as of `hand over`.
 */
export const createFlowsScript = defineScript({
  name: 'create flows',
  keys: ['flow'],
  args: [...FLOW_ARGS],
  flags: [],
  body: `${FLOW_TABLE}${NEW_CHAINS}
local function widthOf(ref)
  return string.sub(ref, 1, 1) == '${FLOW_KINDS.chain}' and 1 or ${VALUES_OF_NODE}
end
-- The fields of the jobs of a flow whose values begin at \`at\`, and its name.
local function fieldsOf(at, count, callbacks)
  local width, values = widthOf(ARGV[at]), {}
  local function add(field, value)
    if value ~= '' then values[#values + 1], values[#values + 2] = field, value end
  end
  for node = 0, count - 1 do
    local from = at + ${VALUES_OF_FLOW} + width * node
    add(textOf(node), ARGV[from])
    if width > 1 then
      add('<' .. node, ARGV[from + 1])
      add('>' .. node, ARGV[from + 2])
      if ARGV[from + 3] ~= '' then add('#' .. ARGV[from + 3], textOf(node)) end
    end
  end
  for i = at + ${VALUES_OF_FLOW} + width * count, at + ${VALUES_OF_FLOW - 1} + width * count + 2 * callbacks, 2 do add('!' .. ARGV[i], ARGV[i + 1]) end
  add('name', ARGV[at + 1])
  return values
end
local function writeFields(key, values)
  for i = 1, #values, ${FIELDS_AT_ONCE} do redis.call('HSET', key, unpack(values, i, math.min(i + ${FIELDS_AT_ONCE - 1}, #values))) end
end
-- Finds the flows that are there: a key of another type, or with other fields, stops the script before it has written anything.
local at, refs, starts, known = rest, {}, {}, {}
while at <= #ARGV do
  local ref, count, callbacks = ARGV[at], tonumber(ARGV[at + 4]), tonumber(ARGV[at + 5])
  local i = #refs + 1
  refs[i], starts[i] = ref, at
  if redis.call('HLEN', open .. ref .. close) == 0 then
    begin(ref, ARGV[at + ${VALUES_OF_FLOW}], i)
  else
    known[i] = loadFlow(ref)
    if not known[i] then return redis.error_reply('WRONGTYPE The key of flow ' .. ref .. ' holds something else') end
  end
  at = at + ${VALUES_OF_FLOW} + widthOf(ref) * count + 2 * callbacks
end
local begun, flows, isNew = pushFirst(), {}, {}
for i = 1, #refs do
  local ref, from = refs[i], starts[i]
  local key, count, callbacks = open .. ref .. close, tonumber(ARGV[from + 4]), ARGV[from + 5]
  if begun[i] then
    local values = fieldsOf(from, count, tonumber(callbacks))
    -- The first field is that of the first job.
    values[2] = begun[i]
    local n = #values
    values[n + 1], values[n + 2] = 'createdAt', ARGV[from + 2]
    values[n + 3], values[n + 4] = '${RUN}', '${NODE_STATE.pushed}' .. string.rep('${NODE_STATE.waiting}', count - 1) .. ' 0 0 0 ' .. callbacks .. ' ' .. ARGV[from + 3]
    writeFields(key, values)
    isNew[i] = 1
  else
    local created = known[i]
    isNew[i] = created and 0 or 1
    if not created then
      writeFields(key, { 'createdAt', ARGV[from + 2] })
      writeFields(key, fieldsOf(from, count, tonumber(callbacks)))
      -- Its head is written when its first jobs are pushed, at the latest at the end of this script.
      created = newFlow(ref, string.sub(ref, 1, 1), key, string.rep('${NODE_STATE.waiting}', count), ' 0 0 0 ' .. callbacks .. ' ' .. ARGV[from + 3])
      created.isChanged, created.isNew = true, true
    end
    local last = created.isNew and created.kind == '${FLOW_KINDS.chain}' and 0 or created.total - 1
    for node = 0, last do wantNode(created, node) end
    flows[#flows + 1] = created
  end
end
finish(flows)
-- If the process dies before it has pushed the first jobs, nobody knows of a flow.
for i = 1, #flows do
  local created = flows[i]
  if created.isNew and not created.isConfirmed then expireFlow(created, 'PEXPIRE', created.tail.retention) end
end
local told = {}
for i = 1, #refs do
  told[2 * i - 1] = isNew[i]
  told[2 * i] = isNew[i] == 1 and ARGV[starts[i] + 2] or redis.call('HGET', open .. refs[i] .. close, 'createdAt')
end
return { told, unpack(${DUE_REPLY}) }
`,
});

/** The longest part of the states of a batch that is read at once. */
const WINDOW = 4_000;

/** For so long a process sweeps the members of a batch without a sign of life, in milliseconds. Another one continues then. */
export const SWEEP_LEASE = 5_000;

/**
 * Records the outcomes of nodes in their order, and replies with the jobs that have to be pushed. A job that is not confirmed is in the
 * reply to the next call with the same outcomes: so the caller removes the entries of the outbox only after that. In a cluster
 * a call is for one flow.
 *
 * rest: for each flow its reference, the number of its entries, and the numbers of completed members of a batch with commas between them; for each entry the node, the outcome, the id, the result; of a member that a failure has
 * cancelled, the job as it is pushed again in place of the result.
 * Reply: the time, 1 if a further call with the same entries brings more, the ends of flows that the caller has to tell, then for each job that has to be pushed: the reference, the
 * node or callback, the job, and the result of the node before it, in a chain. Then, behind an empty text, the batches whose members the caller has to sweep.
 */
export const handOverScript = defineScript({
  name: 'hand over',
  keys: ['flow'],
  args: [...FLOW_ARGS],
  flags: ['allow-oom'],
  body: `${FLOW_TABLE}${CHAIN_HOPS}
-- A failure has cancelled a member, which is pushed again by a retry. An entry that comes late is of an id that it has no more.
local function holdMember(flow, node, id, job)
  local place = redis.call('HGET', flow.nodes, '@' .. node)
  if place and string.match(place, '^%S+') ~= id then return end
  if flow.isStopped then return setState(flow, node, '${NODE_STATE.cancelled}') end
  redis.call('HSET', flow.nodes, node, job)
  setState(flow, node, flow.stopped and '${NODE_STATE.held}' or '${NODE_STATE.waiting}')
  redis.call('ZADD', flow.key .. (flow.stopped and '${HELD}' or '${DUE}'), node, node)
end
-- \`wanted\`: gets the nodes that have completed.
local function applyEntry(flow, node, outcome, id, result, wanted)
  if outcome == '${SEAL}' then return sealFlow(flow) end
  local state = stateOf(flow, node)
  if flow.isBatch and not flowCounts[state] and state ~= '${NODE_STATE.waiting}' then return end
  local lives = state == '${NODE_STATE.waiting}' or state == '${NODE_STATE.pushed}'
  if outcome == '${NODE_STATE.completed}' then
    if state ~= outcome then setState(flow, node, outcome, id, state) end
    if result ~= '' then redis.call('HSET', flow.nodes, '=' .. node, result) end
    if not flow.isBatch then wanted[#wanted + 1] = node end
  elseif outcome == '${NODE_STATE.failed}' then
    if lives then setState(flow, node, outcome, id) end
  elseif outcome == '${NODE_STATE.cancelled}' then
    if lives then
      setState(flow, node, outcome, id)
      cancelBehind(flow, node)
    end
  elseif outcome == '${NODE_STATE.held}' then
    if state == '${NODE_STATE.pushed}' then holdMember(flow, node, id, result) end
  elseif state == '${NODE_STATE.failed}' then
    setState(flow, node, '${NODE_STATE.pushed}', id)
  end
end
-- Most members of a batch end one behind the other: their letters are read and written together.
local function completeMembers(flow, numbers)
  local nodes = cjson.decode('[' .. numbers .. ']')
  local low, high = nodes[1], nodes[1]
  for i = 2, #nodes do low, high = math.min(low, nodes[i]), math.max(high, nodes[i]) end
  if high - low >= ${WINDOW} then
    for i = 1, #nodes do applyEntry(flow, nodes[i], '${NODE_STATE.completed}', '', '') end
    return
  end
  local key, at = cellOf(flow, low)
  local letters = { string.byte(redis.call('GETRANGE', key, at, at + high - low), 1, -1) }
  local others = {}
  for i = 1, #nodes do
    local place = nodes[i] - low + 1
    if letters[place] == ${NODE_STATE.pushed.charCodeAt(0)} then
      letters[place] = ${NODE_STATE.completed.charCodeAt(0)}
      flow.p, flow.c, flow.isChanged = flow.p - 1, flow.c + 1, true
    elseif letters[place] ~= ${NODE_STATE.completed.charCodeAt(0)} then
      others[#others + 1] = nodes[i]
    end
  end
  if #letters > 0 then redis.call('SETRANGE', key, at, string.char(unpack(letters))) end
  for i = 1, #others do applyEntry(flow, others[i], '${NODE_STATE.completed}', '', '') end
end
local flows, sweeps = {}, {}
-- Applies the entries of a flow, whose values begin at \`at\`.
local function apply(at, count)
  local flow, wanted = loadFlow(ARGV[at]), {}
  if not flow then return end
  for i = at + 3, at + 2 + 4 * count, 4 do applyEntry(flow, tonumber(ARGV[i]), ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], wanted) end
  -- Behind the entries: a member may have failed and come back before it completed.
  if ARGV[at + 2] ~= '' then completeMembers(flow, ARGV[at + 2]) end
  if #wanted > 0 then wantBehind(flow, wanted) end
  flows[#flows + 1] = flow
end
local at = rest
while at <= #ARGV do
  local count = tonumber(ARGV[at + 1])
  local isHop = count == 1 and ARGV[at + 4] == '${NODE_STATE.completed}' and hop(ARGV[at], tonumber(ARGV[at + 3]), ARGV[at + 6], at)
  if not isHop then apply(at, count) end
  at = at + 3 + 4 * count
end
local left = pushHops()
for i = 1, #left do apply(left[i], 1) end
finish(flows)
for i = 1, #flows do
  local flow = flows[i]
  if flow.sweep and flow.sweepUntil <= now then
    redis.call('HSET', flow.key, 'sweepUntil', string.format('%.0f', now + ${SWEEP_LEASE}))
    sweeps[#sweeps + 1] = flow.ref
  end
end
if #sweeps == 0 then return ${DUE_REPLY} end
local reply = ${DUE_REPLY}
reply[#reply + 1] = ''
for i = 1, #sweeps do reply[#reply + 1] = sweeps[i] end
return reply
`,
});

/**
 * Records which jobs were pushed. From then on they are not due any more. In a cluster a call is for one flow.
 *
 * rest: for each job the reference, the node or callback, its id, its queue. Reply: two lists of indexes: of those that were cancelled meanwhile, and of those whose batch a failure has stopped.
 */
export const confirmScript = defineScript({
  name: 'confirm pushed',
  keys: ['flow'],
  args: [...FLOW_ARGS],
  flags: ['allow-oom'],
  body: `${FLOW_TABLE}
local cancelled, stopped, flow = {}, {}, nil
local function save()
  if not flow or not flow.isConfirmed then return end
  keepFlow(flow)
  writeFlow(flow)
end
for i = rest, #ARGV, 4 do
  if not flow or flow.ref ~= ARGV[i] then
    save()
    flow = loadFlow(ARGV[i])
  end
  if flow then
    local name = ARGV[i + 1]
    local node = tonumber(name)
    if node then
      if flow.isBatch and flow.stopped == '${STOPPED.failed}' then stopped[#stopped + 1] = (i - rest) / 4 end
      if stateOf(flow, node) == '${NODE_STATE.cancelled}' then cancelled[#cancelled + 1] = (i - rest) / 4 end
    end
    confirmPushed(flow, node, name, ARGV[i + 2] .. ' ' .. ARGV[i + 3])
  end
end
save()
return { cancelled, stopped }
`,
});

/** Notes that the ends of flows were told. In a cluster a call is for one flow. rest: for each end the reference, and when the flow ended. */
export const endsToldScript = defineScript({
  name: 'ends told',
  keys: ['flow'],
  args: ['open', 'close'],
  flags: ['allow-oom'],
  body: `
for i = rest, #ARGV, 2 do
  local key = open .. ARGV[i] .. close
  -- After a retry it is another end.
  local found = redis.call('HMGET', key, 'endedAt', '${RUN}')
  local endedAt = found[1] or select(4, string.match(found[2] or '', '${RUN_PATTERN}'))
  if endedAt == ARGV[i + 1] then redis.call('HDEL', key, 'telling') end
end
`,
});

/** Reads a flow. Reply: its head, then the ids of the first failed jobs; empty if there is none. */
export const readFlowScript = defineScript({
  name: 'read flow',
  keys: ['flow'],
  args: [],
  flags: ['no-writes', 'allow-oom'],
  body: `
local head = redis.call('HMGET', flow, 'name', 'createdAt', 'endedAt', 'total', 'c', 'f', 'x', 'p', '${RUN}')
local letters, _, _, endedAt = string.match(table.remove(head) or '', '${RUN_PATTERN}')
if letters then
  head[3], head[4] = endedAt ~= '0' and endedAt, #letters
  for i, letter in ipairs({ 'c', 'f', 'x', 'p' }) do head[4 + i] = select(2, string.gsub(letters, letter, '')) end
end
if not head[4] then return {} end
for i = 1, 8 do head[i] = head[i] or '' end
return { head, ${failedIdsOf('flow')} }
`,
});

/** Reads the result of a node by its name. Reply: nothing if there is none. */
export const readResultScript = defineScript({
  name: 'read result of node',
  keys: ['flow'],
  args: ['title'],
  flags: ['no-writes', 'allow-oom'],
  body: `
local node = redis.call('HGET', flow, '#' .. title)
return node and redis.call('HGET', flow, '=' .. node)
`,
});

/**
 * Cancels a flow: from now on nothing of it is pushed but the callback `finally`. Reply: 0 if there is no such flow, or nothing of it can
 * run any more, else 1; then as of `hand over`; then, behind an empty text, id and queue of each job that was pushed, or may be pushed at
 * this moment, and has not ended. A second arrival tells the same, until `finally` is confirmed.
 */
export const cancelFlowScript = defineScript({
  name: 'cancel flow',
  keys: ['flow'],
  args: [...FLOW_ARGS, 'ref'],
  flags: ['allow-oom'],
  body: `${FLOW_TABLE}
local loaded = loadFlow(ref)
if not loaded or loaded.endedAt and redis.call('HEXISTS', loaded.nodes, '${CALLBACK.finally}') == 0 then return { 0, '0', 0, {}, '' } end
local live = {}
for node = 0, loaded.total - 1 do
  local state = stateOf(loaded, node)
  local isLive = state == '${NODE_STATE.pushed}'
  if state == '${NODE_STATE.waiting}' then
    isLive = true
    for _, other in ipairs(predecessorsOf(loaded, node)) do isLive = isLive and stateOf(loaded, other) == '${NODE_STATE.completed}' end
  end
  if isLive then live[#live + 1] = string.match(redis.call('HGET', loaded.nodes, node) or '', '^[^\\n]*') end
end
for node = 0, loaded.total - 1 do
  if stateOf(loaded, node) == '${NODE_STATE.waiting}' then setState(loaded, node, '${NODE_STATE.cancelled}') end
end
loaded.isStopped, loaded.isChanged = true, true
finish({ loaded })
local reply = { 1, unpack(${DUE_REPLY}) }
reply[#reply + 1] = ''
for i = 1, #live do reply[#reply + 1] = live[i] end
return reply
`,
});
