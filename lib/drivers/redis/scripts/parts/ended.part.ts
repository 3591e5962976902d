import { definePart } from '../part.js';
import { COMPLETED_HEAD } from './retain.part.js';

/** Tells ended jobs, whose records are kept, from live ones. */
export const ended = definePart({
  name: 'ended',
  keys: ['failed', 'completedIds'],
  reads: `
redis.call('ZCARD', failed)
redis.call('LLEN', completedIds)
`,
  helpers: `
-- The elements of the list of completed jobs, by their ids.
local completedElements
local function completedElement(id)
  if not completedElements then
    completedElements = {}
    for _, element in ipairs(redis.call('LRANGE', completedIds, 0, -1)) do
      completedElements[string.sub(element, ${COMPLETED_HEAD + 1})] = element
    end
  end
  return completedElements[id]
end
local function hasEnded(id)
  return redis.call('ZSCORE', failed, id) or completedElement(id)
end
`,
});
