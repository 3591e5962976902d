import { FIRST_ADDED } from '../../queue-batches.interface.js';
import { ADDED_STATES, DUE, PLACES } from '../keys.js';
import { PAGE } from './batch-feed.script.js';
import { DUE_REPLY, FLOW_ARGS, FLOW_TABLE, NODE_STATE } from './flow-table.js';
import { SWEEP_LEASE } from './flows.script.js';
import { defineScript } from './script.js';

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
  args: [...FLOW_ARGS, 'ref', 'letter', 'from'],
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
  args: [...FLOW_ARGS, 'ref', 'from'],
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
  finish({ batch })
end
local reply = { nextPage, unpack(${DUE_REPLY}) }
reply[#reply + 1] = ''
for i = 1, 3 do reply[#reply + 1] = head[i] end
for i = 1, #found do reply[#reply + 1] = found[i] end
return reply
`,
});
