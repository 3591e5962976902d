import { definePart } from '../part.js';

/** Removes statuses of jobs of this queue: another queue may have a job of that id now. */
export const ownStatus = definePart({
  name: 'own status',
  args: ['statusPrefix', 'queue'],
  helpers: `
-- Removes the status of a job. Returns whether there was one of this queue.
local function dropStatus(id)
  local text = redis.pcall('GET', statusPrefix .. id)
  if type(text) ~= 'string' or not string.find(text, ',"queue":"' .. queue .. '",', 1, true) then return false end
  redis.call('UNLINK', statusPrefix .. id)
  return true
end
`,
});
