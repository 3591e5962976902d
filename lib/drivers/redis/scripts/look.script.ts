import { defineScript } from './script.js';

/**
 * Reads the first ready jobs of a queue. It tells nothing of their data.
 *
 * Reply: the time in ms; for each job the time of its push, the first line of its record, and the text of its attempts (empty if it has none).
 */
export const lookScript = defineScript({
  name: 'look',
  keys: ['ready', 'recovered', 'jobs', 'attempts'],
  args: ['most'],
  flags: ['no-writes', 'allow-oom'],
  body: `
local reply = { now }
local function look(list)
  local left = tonumber(most)
  -- The first elements may be those of cancelled jobs.
  for _, id in ipairs(redis.call('LRANGE', list, 0, 99)) do
    if left == 0 then return end
    local pushedAt, header = string.match(redis.call('HGET', jobs, id) or '', '^(%d+)([^\\n]*)')
    if pushedAt then
      left = left - 1
      reply[#reply + 1] = pushedAt
      reply[#reply + 1] = header
      reply[#reply + 1] = redis.call('HGET', attempts, id) or ''
    end
  end
end
look(ready)
look(recovered)
return reply`,
});
