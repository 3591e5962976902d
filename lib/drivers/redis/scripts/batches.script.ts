import { FIRST_ADDED, OPEN_FOR } from '../../queue-batches.interface.js';
import { ADDED_STATES, DUE, HELD, NODES, PLACES } from '../keys.js';
import { DUE_REPLY, FLOW_TABLE, NODE_STATE, STOPPED } from './flow-table.js';
import { SWEEP_LEASE } from './flows.script.js';
import { defineScript } from './script.js';

/** The most members that one script looks at. */
export const PAGE = 500;
/** Two printable characters make the code of a queue. */
const FIRST_CHARACTER = 33;
const CHARACTERS = 90;
export const MAX_QUEUES = CHARACTERS ** 2;

/** Returns the code of the queue with this number, from 0. */
export function placeCode(number: number): string {
  return String.fromCharCode(
    FIRST_CHARACTER + Math.floor(number / CHARACTERS),
    FIRST_CHARACTER + (number % CHARACTERS),
  );
}

/** Lua: the same. */
const PLACE_CODE = `
local function placeCode(number)
  return string.char(${FIRST_CHARACTER} + math.floor(number / ${CHARACTERS}), ${FIRST_CHARACTER} + number % ${CHARACTERS})
end
`;

/** Lua that lets a batch that is not sealed expire a while after its last members. */
const KEEP_OPEN = `
local function keepOpen(batch)
  if not batch.isSealed then expireFlow(batch, 'PEXPIRE', string.format('%.0f', math.max(batch.retention, ${OPEN_FOR * 1000}))) end
end
`;

/**
 * Stores a batch, unless there is one with this reference.
 *
 * rest: the name and the job of each callback. Reply: when it was stored first, 1 if it is sealed, the number of its members, then as of `hand over`.
 */
export const openBatchScript = defineScript({
  name: 'open batch',
  keys: ['flow'],
  args: ['open', 'close', 'ref', 'title', 'createdAt', 'retention', 'allowFailures'],
  flags: [],
  body: `${FLOW_TABLE}${KEEP_OPEN}
if redis.call('HSETNX', flow, 'createdAt', createdAt) == 1 then
  redis.call('HSET', flow, 'total', 0, 'retention', retention, 'p', 0, 'c', 0, 'f', 0, 'x', 0, 'allowFailures', allowFailures)
  if title ~= '' then redis.call('HSET', flow, 'name', title) end
  for i = rest, #ARGV, 2 do redis.call('HSET', flow .. '${NODES}', '!' .. ARGV[i], ARGV[i + 1]) end
end
local batch = loadFlow(ref)
saveFlow(batch)
keepOpen(batch)
addDue(batch)
return { redis.call('HGET', flow, 'createdAt'), batch.isSealed and 1 or 0, batch.total, unpack(${DUE_REPLY}) }
`,
});

/** What becomes of fed members, as the script `feed batch` replies it. */
export const FED = { gone: 0, push: 1, look: 2, tooManyQueues: 3 } as const;

/**
 * Adds members to a batch that are not known; of a batch that a failure has stopped it adds none.
 *
 * `first`: the number of the first member; `count` of them; `fed`: so many from the first one of all were pushed. `queues`: how many queues they have.
 * rest: the names of the queues; then for each member the code of the number of its queue in this list, or nothing if all are in the first one.
 * Reply: a value of {@link FED}, the time, then, if one has to look, the number of members that were pushed before, and the state of each given member, where a
 * member that is not known has none of the letters.
 */
export const feedBatchScript = defineScript({
  name: 'feed batch',
  keys: ['flow'],
  args: ['open', 'close', 'ref', 'first', 'count', 'fed', 'queues'],
  numbers: ['first', 'count', 'fed', 'queues'],
  flags: [],
  body: `${FLOW_TABLE}${KEEP_OPEN}${PLACE_CODE}
local batch, time = loadFlow(ref), string.format('%.0f', now)
if not batch then return { ${FED.gone}, time } end
local codes, own = {}, {}
for i = 1, queues do
  local name = ARGV[rest + i - 1]
  local code = redis.call('HGET', batch.nodes, '?' .. name)
  if not code then
    local number = redis.call('HINCRBY', flow, 'queues', 1) - 1
    if number >= ${MAX_QUEUES} then return { ${FED.tooManyQueues}, time } end
    code = placeCode(number)
    redis.call('HSET', batch.nodes, '?' .. name, code, '%' .. code, name)
  end
  codes[i], own[placeCode(i - 1)] = code, code
end
local pushedBefore = tonumber(redis.call('HGET', flow, 'fed') or 0)
if fed > pushedBefore then redis.call('HSET', flow, 'fed', fed) end
local places = ARGV[rest + queues]
local known = redis.call('GETRANGE', batch.states, first, first + count - 1)
local isNew, letters, added = string.find(known, '^%z*$') ~= nil, known, 0
local state = batch.isStopped and '${NODE_STATE.cancelled}' or '${NODE_STATE.pushed}'
if batch.stopped == '${STOPPED.failed}' then
  isNew = false
elseif isNew then
  letters, added = string.rep(state, count), count
else
  local all = {}
  for i = 1, count do
    local letter = string.sub(known, i, i)
    if letter == '' or letter == '\\0' then letter, added = state, added + 1 end
    all[i] = letter
  end
  letters = table.concat(all)
end
if added > 0 then
  redis.call('SETRANGE', batch.states, first, letters)
  redis.call('SETRANGE', flow .. '${PLACES}', 2 * first, places == '' and string.rep(codes[1], count) or string.gsub(places, '..', own))
  local counter = flowCounts[state]
  batch[counter], batch.total, batch.isChanged = batch[counter] + added, batch.total + added, true
  redis.call('HSET', flow, 'total', batch.total)
  saveFlow(batch)
end
keepOpen(batch)
if isNew and not batch.isStopped then return { ${FED.push}, time } end
return { ${FED.look}, time, pushedBefore, letters }
`,
});

/**
 * Adds members that a failure has cancelled before they were pushed. A member that is known stays as it is.
 *
 * rest: the number and the job of each. Reply: 0 if the batch is gone.
 */
export const holdMembersScript = defineScript({
  name: 'hold members',
  keys: ['flow'],
  args: ['open', 'close', 'ref'],
  flags: [],
  body: `${FLOW_TABLE}
local batch = loadFlow(ref)
if not batch then return 0 end
for i = rest, #ARGV, 2 do
  local node = tonumber(ARGV[i])
  local state = stateOf(batch, node)
  if not flowCounts[state] and state ~= '${NODE_STATE.waiting}' then
    -- Perhaps a retry came in between: then it is pushed.
    local isHeld = batch.stopped == '${STOPPED.failed}'
    redis.call('HSET', batch.nodes, node, ARGV[i + 1])
    redis.call('ZADD', flow .. (isHeld and '${HELD}' or '${DUE}'), node, node)
    setState(batch, node, isHeld and '${NODE_STATE.held}' or '${NODE_STATE.waiting}')
    batch.total = batch.total + 1
  end
end
redis.call('HSET', flow, 'total', batch.total)
saveFlow(batch)
return 1
`,
});

/** Seals a batch. Reply: nothing if it is gone; else the number of its members, 1 if the caller has to sweep them, then as of `hand over`. */
export const sealBatchScript = defineScript({
  name: 'seal batch',
  keys: ['flow'],
  args: ['open', 'close', 'ref'],
  flags: ['allow-oom'],
  body: `${FLOW_TABLE}
local batch = loadFlow(ref)
if not batch then return {} end
sealFlow(batch)
saveFlow(batch)
addDue(batch)
return { batch.total, batch.sweep and 1 or 0, unpack(${DUE_REPLY}) }
`,
});

/**
 * Adds members to a batch of which something can run.
 *
 * `token`: names this call, so that a second arrival adds nothing. rest: the job of each. Reply: 0 if nothing can run any more; else 1, the number of its
 * members, then as of `hand over`.
 */
export const addToBatchScript = defineScript({
  name: 'add to batch',
  keys: ['flow'],
  args: ['open', 'close', 'ref', 'token'],
  flags: [],
  body: `${FLOW_TABLE}
local batch = loadFlow(ref)
if not batch then return { 0 } end
if redis.call('HEXISTS', batch.nodes, '+' .. token) == 0 then
  if batch.endedAt or batch.isStopped then return { 0 } end
  local key, count = flow .. '${ADDED_STATES}', #ARGV - rest + 1
  local at = redis.call('HINCRBY', flow, 'added', count) - count
  redis.call('HSET', batch.nodes, '+' .. token, at)
  redis.call('SETRANGE', key, at, string.rep('${NODE_STATE.waiting}', count))
  for i = 1, count do
    local node = string.format('%.0f', ${FIRST_ADDED} + at + i - 1)
    redis.call('HSET', batch.nodes, node, ARGV[rest + i - 1])
    redis.call('ZADD', flow .. '${DUE}', node, node)
  end
  batch.total = batch.total + count
  redis.call('HSET', flow, 'total', batch.total)
  -- The new keys expire with the others.
  local left = redis.call('PTTL', flow)
  if left > 0 then expireFlow(batch, 'PEXPIRE', left) end
end
saveFlow(batch)
addDue(batch)
return { 1, batch.total, unpack(${DUE_REPLY}) }
`,
});

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
  args: ['open', 'close', 'ref', 'stops'],
  numbers: ['stops'],
  flags: ['allow-oom'],
  body: `${FLOW_TABLE}
local batch, more = loadFlow(ref), 0
if not batch then return { 0, '0', 0 } end
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
saveFlow(batch)
addDue(batch)
return { more, unpack(${DUE_REPLY}) }
`,
});

/** Cancels a batch: its members have to be swept then. Reply: 0 if there is none, or nothing of it can run any more. */
export const cancelBatchScript = defineScript({
  name: 'cancel batch',
  keys: ['flow'],
  args: ['open', 'close', 'ref', 'reason'],
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

/** Lua of a page of members in one state. A place is id and queue, or a blank and the queue if the id follows from the number. */
const MEMBERS_IN = `
local function membersIn(batch, from, letter)
  local base, key = 0, batch.states
  if from >= ${FIRST_ADDED} then base, key = ${FIRST_ADDED}, flow .. '${ADDED_STATES}' end
  local at, found, names = from - base, {}, {}
  local letters = redis.call('GETRANGE', key, at, at + ${PAGE - 1})
  local codes = base == 0 and redis.call('GETRANGE', flow .. '${PLACES}', 2 * at, 2 * (at + ${PAGE}) - 1) or ''
  local i = string.find(letters, letter, 1, true)
  while i do
    local node = string.format('%.0f', from + i - 1)
    local place = (base > 0 or batch.hasMoved) and redis.call('HGET', batch.nodes, '@' .. node)
    if not place then
      local code = string.sub(codes, 2 * i - 1, 2 * i)
      names[code] = names[code] or redis.call('HGET', batch.nodes, '%' .. code) or ''
      place = ' ' .. names[code]
    end
    found[#found + 1], found[#found + 2] = node, place
    i = string.find(letters, letter, i + 1, true)
  end
  if #letters == ${PAGE} then return from + ${PAGE}, found end
  return base == 0 and ${FIRST_ADDED} or -1, found
end
`;

/**
 * Reads members in one state. `from`: where the page begins.
 * Reply: where the next page begins, or -1; when the batch was stored first; then number and place of each.
 */
export const readMembersScript = defineScript({
  name: 'read members',
  keys: ['flow'],
  args: ['open', 'close', 'ref', 'letter', 'from'],
  numbers: ['from'],
  flags: ['no-writes', 'allow-oom'],
  body: `${FLOW_TABLE}${MEMBERS_IN}
local batch = loadFlow(ref)
if not batch then return { -1, '0' } end
local nextPage, found = membersIn(batch, from, letter)
return { nextPage, redis.call('HGET', flow, 'createdAt'), unpack(found) }
`,
});

/**
 * Reads the next members that have to be cancelled since their batch was stopped. Of a cancelled batch, those that were not pushed yet are cancelled here.
 *
 * `from`: all members before that were dealt with; -1 to begin where the last process was; -2: all were.
 * Reply: where the next page begins, or -2 for none; as of `hand over`; then, behind an empty text, the reason of a cancellation or a letter why it was stopped, when the batch was stored first, and number and place
 * of each member.
 */
export const sweepBatchScript = defineScript({
  name: 'sweep batch',
  keys: ['flow'],
  args: ['open', 'close', 'ref', 'from'],
  numbers: ['from'],
  flags: ['allow-oom'],
  body: `${FLOW_TABLE}${MEMBERS_IN}
local batch = loadFlow(ref)
local nextPage, found, head = -2, {}, { '', '', '0' }
if batch and batch.stopped and batch.sweep then
  if from == -1 then from = tonumber(batch.sweep) end
  if batch.isStopped then
    local due = redis.call('ZRANGE', flow .. '${DUE}', 0, ${PAGE - 1})
    for _, node in ipairs(due) do
      setState(batch, tonumber(node), '${NODE_STATE.cancelled}')
      redis.call('HDEL', batch.nodes, node)
    end
    if #due > 0 then redis.call('ZREM', flow .. '${DUE}', unpack(due)) end
    if #due == ${PAGE} and from == -2 then from = ${FIRST_ADDED} end
  end
  if from == -2 then
    redis.call('HDEL', flow, 'sweep', 'sweepUntil')
  else
    redis.call('HSET', flow, 'sweep', string.format('%.0f', from), 'sweepUntil', string.format('%.0f', now + ${SWEEP_LEASE}))
    nextPage, found = membersIn(batch, from, '${NODE_STATE.pushed}')
    if nextPage == -1 then nextPage = -2 end
    head = { batch.stopped, redis.call('HGET', flow, 'reason') or '', redis.call('HGET', flow, 'createdAt') }
  end
end
if batch then
  saveFlow(batch)
  addDue(batch)
end
local reply = { nextPage, unpack(${DUE_REPLY}) }
reply[#reply + 1] = ''
for i = 1, 3 do reply[#reply + 1] = head[i] end
for i = 1, #found do reply[#reply + 1] = found[i] end
return reply
`,
});
