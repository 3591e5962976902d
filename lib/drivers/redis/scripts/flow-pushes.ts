import { NO_NODE, traitPattern } from '../trait-codec.js';
import { RedisKeys, type QueueKeys } from '../keys.js';
import { pushDueScript, pushGroupedDueScript } from './push.script.js';
import { asLuaFunction } from './script.js';

/** The arguments of {@link PUSH_DUE}. */
export const PUSH_ARGS = ['base', 'nameList', 'statusPrefix'] as const;

/** Lua: the key of a queue. */
function keyOf(name: string): string {
  const { ready, ...others } = new RedisKeys(false).of('');
  return name === 'ready'
    ? 'ready'
    : `ready .. '${others[name as keyof Omit<QueueKeys, 'ready'>].slice(ready.length)}'`;
}

/** Lua of the two functions that push, and of lists of their keys. A job needs another one only if it has a group. */
const PUSHES = `
${asLuaFunction('pushPlain', pushDueScript)}
${asLuaFunction('pushGrouped', pushGroupedDueScript)}
local function keysOfPlain(ready)
  return { ${pushDueScript.keys.map(keyOf).join(', ')} }
end
local function keysOfGrouped(ready)
  return { ${pushGroupedDueScript.keys.map(keyOf).join(', ')} }
end
`;

/** Lua of the leading arguments of both. A push that is a part of the script of the flow cannot come too late. */
const LEADING = pushDueScript.args
  .map((name) => ({ statusPrefix: 'statusPrefix', validUntil: 'now', answered: '0' })[name])
  .join(', ');

/**
 * Lua that pushes jobs that the script of a flow can push itself. So a hop
 * is one script in place of three where flows and queues are in one place. What it leaves is up to the caller: all jobs in a cluster, which forbids
 * a script to write to other slots, or if somebody listens to pushes, which a lost reply would not tell; members of a batch, which a failure may have stopped; and
 * jobs of a queue with keys of another type, of which the caller learns then.
 *
 * `gather(ref, name, text, result)` takes a job as it is stored, and returns the list for its queue, and the id with the queue. `pushGathered()` pushes all lists, and
 * returns them: `isPushed` of a list is true if its jobs are in the queue. `pushDue()` does both with the due jobs of the reply, and confirms them.
 *
 * It needs {@link PUSH_ARGS}. `base`: what stands in front of the name of a queue in its keys, or an empty text if the script pushes nothing; `nameList`: the
 * key of the names of all queues; `statusPrefix`: what stands in front of the id of a job in the key of its status.
 */
export const PUSH_DUE = `${PUSHES}
-- The record with the result of the job before it: see \`withPreviousResult\`.
local function withPrevious(record, result)
  local at = string.find(record, '\\n', 1, true)
  local line, field = string.sub(record, 1, at - 1), '"v":' .. cjson.encode(result) .. '}'
  line = string.find(line, '\\t', 1, true) and string.sub(line, 1, -2) .. ',' .. field or line .. '\\t{' .. field
  return line .. string.sub(record, at)
end
-- The jobs of each queue, in a list and by its name: \`values\` for the push, \`due\` and \`hops\` for those who gathered them.
local gathered, byQueue = {}, {}
local function gather(ref, name, text, result)
  local place, id, queue, delay, others, from = string.match(text, '^((%S+) (%S+))\\n(%d+)(.-)\\n\\n()')
  if not id then return end
  local pushes = byQueue[queue]
  if not pushes then
    pushes = { queue = queue, values = { ${LEADING} }, due = {}, hops = {}, isGrouped = false, isPushed = false }
    byQueue[queue], gathered[#gathered + 1] = pushes, pushes
  end
  local values, record = pushes.values, string.sub(text, from)
  local n = #values
  values[n + 1], values[n + 2] = id, delay
  values[n + 3] = result == '' and record or withPrevious(record, result)
  values[n + 4] = '\\nf' .. ref .. ' ' .. name .. others
  if others ~= '' and string.find(others, '${traitPattern('group')}') then pushes.isGrouped = true end
  return pushes, place
end
local function pushInto(queue, values, isGrouped)
  redis.call('SADD', nameList, queue)
  if isGrouped then return pushGrouped(keysOfGrouped(base .. queue), values) end
  pushPlain(keysOfPlain(base .. queue), values)
end
local function pushGathered()
  local all = gathered
  gathered, byQueue = {}, {}
  for _, pushes in ipairs(all) do pushes.isPushed = pcall(pushInto, pushes.queue, pushes.values, pushes.isGrouped) end
  return all
end
local function pushDue()
  if base == '' or #dueReply == 0 then return end
  local places, isPushed = {}, {}
  for i = 1, #dueFlows do
    local flow, node = dueFlows[i], dueNodes[i]
    if not (flow.isBatch and node) then
      local pushes, place = gather(flow.ref, node and dueReply[4 * i - 2] or ${NO_NODE}, dueReply[4 * i - 1], dueReply[4 * i])
      if pushes then pushes.due[#pushes.due + 1], places[i] = i, place end
    end
  end
  for _, pushes in ipairs(pushGathered()) do
    if pushes.isPushed then
      for _, i in ipairs(pushes.due) do
        confirmPushed(dueFlows[i], dueNodes[i], dueReply[4 * i - 2], places[i])
        isPushed[i] = true
      end
    end
  end
  local left = {}
  for i = 1, #dueFlows do
    if not isPushed[i] then
      for at = 4 * i - 3, 4 * i do left[#left + 1] = dueReply[at] end
    end
  end
  dueReply = left
end
`;
