import { PRIORITY_CLASS } from '../keys.js';
import { ranksOfGroup, READ_STATE } from './group-state.js';
import { keysOfLevel } from './levels.js';
import { defineScript } from './script.js';

/** The number of elements that are read at once. */
const WINDOW = 100;
/** The most elements of a list that are looked at: in front of a job there may be very many stale ones. */
const LOOKED_AT = 5_000;

/**
 * Reads the first ready jobs of a queue. It tells nothing of their data, and leaves out stale elements: those of cancelled jobs.
 *
 * Reply: the time in ms; for each job the time of its push, the first line of its record, and the text of its attempts (empty if it has none).
 */
export const lookScript = defineScript({
  name: 'look',
  keys: ['ready', 'priority', 'groups', 'ring', 'recovered', 'gone', 'goneRecovered', 'jobs', 'attempts'],
  args: ['most'],
  flags: ['no-writes', 'allow-oom'],
  body: `
local reply = { now }
-- Tells of jobs, and returns of how many.
local function tell(ids)
  local told = 0
  for _, id in ipairs(ids) do
    local pushedAt, header = string.match(redis.call('HGET', jobs, id) or '', '^(%d+)([^\\n]*)')
    if pushedAt then
      told = told + 1
      reply[#reply + 1] = pushedAt
      reply[#reply + 1] = header
      reply[#reply + 1] = redis.call('HGET', attempts, id) or ''
    end
  end
  return told
end
-- Looks at so many jobs of a list, and returns how many it may still look at.
local function look(list, goneKey, left)
  local stale = {}
  local hasGone = redis.call('HLEN', goneKey) > 0
  for from = 0, ${LOOKED_AT - 1}, ${WINDOW} do
    local ids = redis.call('LRANGE', list, from, from + ${WINDOW - 1})
    local counts = hasGone and #ids > 0 and redis.call('HMGET', goneKey, unpack(ids)) or {}
    for i = 1, #ids do
      local id = ids[i]
      -- The first elements of an id are the stale ones.
      stale[id] = stale[id] or tonumber(counts[i] or 0)
      if stale[id] > 0 then
        stale[id] = stale[id] - 1
      else
        left = left - tell({ id })
        if left == 0 then return 0 end
      end
    end
    if #ids < ${WINDOW} then return left end
  end
  return left
end
look(ready, gone, tonumber(most))
look(recovered, goneRecovered, tonumber(most))
-- Of the jobs with a priority the first ones of the highest priorities, and of the lowest one: it waits longest as a rule.
local left, lowest = tonumber(most), redis.call('ZRANGE', priority, -1, -1)[1]
for _, value in ipairs(redis.call('ZRANGE', priority, 0, most - 1)) do
  local list, goneKey = ${keysOfLevel('value')}
  if left > 0 then left = look(list, goneKey, left) end
end
if lowest then
  local list, goneKey = ${keysOfLevel('lowest')}
  look(list, goneKey, tonumber(most))
end
local function lookAtRanks(key, count)
  local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')[2]
  if not last then return end
  local from = string.format('%.0f', math.floor(last / ${PRIORITY_CLASS}) * ${PRIORITY_CLASS})
  tell(redis.call('ZRANGE', key, 0, count - 1))
  tell(redis.call('ZRANGE', key, from, '+inf', 'BYSCORE', 'LIMIT', 0, count))
end
-- Of the groups that are next the first job of each.
local names = redis.call('LRANGE', ring, 0, most - 1)
for i, text in ipairs(#names > 0 and redis.call('HMGET', groups, unpack(names)) or {}) do
  if text then
    ${READ_STATE}
    if head ~= '' then tell({ head }) end
    if ranked > 0 then lookAtRanks(${ranksOfGroup('names[i]')}, 1) end
  end
end
return reply`,
});
