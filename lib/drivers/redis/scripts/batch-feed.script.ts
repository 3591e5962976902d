import { FIRST_ADDED, OPEN_FOR } from '../../queue-batches.interface.js';
import { ADDED_STATES, DUE, HELD, NODES, PLACES } from '../keys.js';
import { DUE_REPLY, FLOW_ARGS, FLOW_TABLE, NODE_STATE, STOPPED } from './flow-table.js';
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
  args: [...FLOW_ARGS, 'ref', 'title', 'createdAt', 'retention', 'allowFailures'],
  flags: [],
  body: `${FLOW_TABLE}${KEEP_OPEN}
if redis.call('HSETNX', flow, 'createdAt', createdAt) == 1 then
  redis.call('HSET', flow, 'total', 0, 'retention', retention, 'p', 0, 'c', 0, 'f', 0, 'x', 0, 'allowFailures', allowFailures)
  if title ~= '' then redis.call('HSET', flow, 'name', title) end
  for i = rest, #ARGV, 2 do redis.call('HSET', flow .. '${NODES}', '!' .. ARGV[i], ARGV[i + 1]) end
end
local batch = loadFlow(ref)
finish({ batch })
keepOpen(batch)
return { redis.call('HGET', flow, 'createdAt'), batch.isSealed and 1 or 0, batch.total, unpack(${DUE_REPLY}) }
`,
});

/** The fate of fed members, as the script `feed batch` replies it. */
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
  args: [...FLOW_ARGS, 'ref', 'first', 'count', 'fed', 'queues'],
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
  finish({ batch })
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
  args: [...FLOW_ARGS, 'ref'],
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
finish({ batch })
return 1
`,
});

/** Seals a batch. Reply: nothing if it is gone; else the number of its members, 1 if the caller has to sweep them, then as of `hand over`. */
export const sealBatchScript = defineScript({
  name: 'seal batch',
  keys: ['flow'],
  args: [...FLOW_ARGS, 'ref'],
  flags: ['allow-oom'],
  body: `${FLOW_TABLE}
local batch = loadFlow(ref)
if not batch then return {} end
sealFlow(batch)
finish({ batch })
return { batch.total, batch.sweep and 1 or 0, unpack(${DUE_REPLY}) }
`,
});

/**
 * Adds members to a batch of which something can run.
 *
 * `token`: names this call, so that a second arrival adds nothing; after a refusal it is refused again, also if a retry came in between. rest: the job of
 * each. Reply: 0 if nothing can run any more; else 1, the number of its members, then as of `hand over`.
 */
export const addToBatchScript = defineScript({
  name: 'add to batch',
  keys: ['flow'],
  args: [...FLOW_ARGS, 'ref', 'token'],
  flags: [],
  body: `${FLOW_TABLE}
local batch = loadFlow(ref)
if not batch then return { 0 } end
local known = redis.call('HGET', batch.nodes, '+' .. token)
if known == '-' then return { 0 } end
if not known then
  if batch.endedAt or batch.isStopped then
    redis.call('HSET', batch.nodes, '+' .. token, '-')
    local left = redis.call('PTTL', flow)
    if left > 0 then redis.call('PEXPIRE', batch.nodes, left) end
    return { 0 }
  end
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
finish({ batch })
return { 1, batch.total, unpack(${DUE_REPLY}) }
`,
});

/** The same of jobs that are in an outbox: a full server takes them, since it has them already. */
export const handOverAddedScript = defineScript({ ...addToBatchScript, name: 'hand over added', flags: ['allow-oom'] });
