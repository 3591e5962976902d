import { FLOW_KINDS } from '../../../job/flow-ref.js';
import { MOST_BYTES, NODE_STATE, RUN } from './flow-table.js';

const { waiting, pushed, completed } = NODE_STATE;

/** Lua: tells whether a reference is that of a chain. */
const IS_CHAIN = `string.byte(ref) == ${FLOW_KINDS.chain.charCodeAt(0)}`;

/**
 * Lua of the short way of a chain one of whose jobs has completed: the script itself pushes the next one, or that was the last one. Then the flow is read with one
 * command and written with one, and needs no table. Most ends of jobs of chains are of this kind. It needs `FLOW_TABLE`.
 *
 * `hop(ref, node, result, at)` notes such a hop, or writes such an end. It returns false where the long way has to look: the script does not push, the chain is stopped, its end
 * is an event or calls back, the entry came before, the push of the node was not confirmed, or the records of this call are long. `pushHops()` carries out the noted hops, and returns
 * the `at` of each hop that the long way has to take, if a queue has keys of another type.
 */
export const CHAIN_HOPS = `
-- The last job of a chain without callbacks has completed. Nobody reads its result here.
local function endChain(key, run, node)
  local _, to = string.find(run, '^${completed}*${pushed} 0 0 0 0 ')
  if tells == '1' or not to then return false end
  local retention = string.sub(run, to + 1)
  redis.call('HSET', key, '${RUN}', string.rep('${completed}', node + 1) .. string.format(' 0 0 %.0f 0 ', now) .. retention)
  redis.call('PEXPIRE', key, retention)
  return true
end
local function hop(ref, node, result, at)
  if base == '' or dueBytes > ${MOST_BYTES} or not (${IS_CHAIN}) then return false end
  local key, name = open .. ref .. close, textOf(node + 1)
  local found = redis.pcall('HMGET', key, '${RUN}', name)
  local run, text = found[1], found[2]
  -- The states of this node and of the next one. The record of the next job gets the result: it is not stored here.
  local this, behind = string.byte(run or '', node + 1, node + 2)
  if this ~= ${pushed.charCodeAt(0)} then return false end
  if behind == ${' '.charCodeAt(0)} then return endChain(key, run, node) end
  -- Of a chain that is stopped no job waits.
  if behind ~= ${waiting.charCodeAt(0)} or not text then return false end
  local pushes, place = gather(ref, name, text, result)
  if not pushes then return false end
  local hops = pushes.hops
  local n = #hops
  hops[n + 1], hops[n + 2], hops[n + 3], hops[n + 4] = at, key, name, place
  hops[n + 5] = string.sub(run, 1, node) .. '${completed}${pushed}' .. string.sub(run, node + 3)
  dueBytes = dueBytes + #text + #result
  return true
end
local function pushHops()
  local left = {}
  for _, pushes in ipairs(pushGathered()) do
    local hops = pushes.hops
    for i = 1, #hops, 5 do
      if pushes.isPushed then
        redis.call('HSET', hops[i + 1], '${RUN}', hops[i + 4], hops[i + 2], hops[i + 3])
      else
        left[#left + 1] = hops[i]
      end
    end
  end
  return left
end
`;

/**
 * Lua of the short way of a new chain: the script itself pushes its first job, and writes the flow behind that. It needs `FLOW_TABLE`.
 *
 * `begin(ref, text, i)` takes the first job of a chain, unless the long way has to look. `pushFirst()` pushes the taken jobs, and returns by `i` the id and the queue of
 * each pushed job.
 */
export const NEW_CHAINS = `
local function begin(ref, text, i)
  if base == '' or not (${IS_CHAIN}) then return end
  local pushes, place = gather(ref, '0', text, '')
  if not pushes then return end
  pushes.hops[#pushes.hops + 1] = i
  pushes.hops[#pushes.hops + 1] = place
end
local function pushFirst()
  local places = {}
  for _, pushes in ipairs(pushGathered()) do
    if pushes.isPushed then
      for at = 1, #pushes.hops, 2 do places[pushes.hops[at]] = pushes.hops[at + 1] end
    end
  end
  return places
end
`;
