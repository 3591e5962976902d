import { NODES, STATES } from '../keys.js';
import { NODE_STATE } from './flow-table.js';
import { defineScript } from './script.js';

/**
 * Reads some nodes of a flow, from number `from` on.
 *
 * Reply: the number of all nodes, nothing if there is no such flow; then for each of these nodes its state, its name, the numbers of the nodes
 * for which it waits, the id and the queue of its job, and, of a job that was not pushed yet, its name; each may be empty.
 */
export const flowNodesScript = defineScript({
  name: 'read nodes',
  keys: ['flow'],
  args: ['from', 'most'],
  numbers: ['from', 'most'],
  flags: ['no-writes', 'allow-oom'],
  body: `
local head = redis.pcall('HGET', flow, 'total')
local total = type(head) == 'string' and tonumber(head)
if not total then return {} end
local nodes, names, reply = flow .. '${NODES}', {}, { total }
for _, field in ipairs(redis.call('HKEYS', nodes)) do
  if string.sub(field, 1, 1) == '#' then names[redis.call('HGET', nodes, field)] = string.sub(field, 2) end
end
for node = from, math.min(from + most, total) - 1 do
  local number = string.format('%.0f', node)
  local before, place, job = unpack(redis.call('HMGET', nodes, '<' .. number, '@' .. number, number))
  local state = redis.call('GETRANGE', flow .. '${STATES}', node, node)
  reply[#reply + 1] = state == '' and '${NODE_STATE.waiting}' or state
  reply[#reply + 1] = names[number] or ''
  reply[#reply + 1] = before or ''
  reply[#reply + 1] = place or string.match(job or '', '^[^\\n]*')
  reply[#reply + 1] = not place and string.match(job or '', '^[^\\n]*\\n[^\\n]*\\n[hi]([^\\t\\n]*)') or ''
end
return reply
`,
});
