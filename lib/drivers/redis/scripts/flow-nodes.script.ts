import { NODE_STATE, RUN, RUN_PATTERN } from './flow-table.js';
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
local run = redis.pcall('HGET', flow, '${RUN}')
local letters = type(run) == 'string' and string.match(run, '${RUN_PATTERN}')
if not letters then return {} end
local total = #letters
local names, reply = {}, { total }
for _, field in ipairs(redis.call('HKEYS', flow)) do
  if string.sub(field, 1, 1) == '#' then names[redis.call('HGET', flow, field)] = string.sub(field, 2) end
end
for node = from, math.min(from + most, total) - 1 do
  local number = string.format('%.0f', node)
  local before, job = unpack(redis.call('HMGET', flow, '<' .. number, number))
  local state = string.sub(letters, node + 1, node + 1)
  reply[#reply + 1] = state == '' and '${NODE_STATE.waiting}' or state
  reply[#reply + 1] = names[number] or ''
  reply[#reply + 1] = before or ''
  reply[#reply + 1] = string.match(job or '', '^[^\\n]*')
  reply[#reply + 1] = string.match(job or '', '^.-\\n\\n[hi]([^\\t\\n]*)') or ''
end
return reply
`,
});
