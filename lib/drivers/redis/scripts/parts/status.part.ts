import { SECONDS, STATUS_TEXT } from '../fragments.js';
import { definePart } from '../part.js';

/** The statuses of jobs. With a status time of 0 none is written. */
export const status = definePart({
  name: 'status',
  args: ['statusPrefix', 'statusTtl', 'queue'],
  helpers: `
local keeps, seconds = statusTtl ~= '0', ${SECONDS}
${STATUS_TEXT}
local function setStatus(id, state, attempt, errorText)
  if keeps then redis.call('SET', statusPrefix .. id, statusText(state, attempt, errorText)) end
end
-- The status of a job that has ended is kept for a while.
local function setLastStatus(id, state, attempt, errorText)
  if keeps then redis.call('SET', statusPrefix .. id, statusText(state, attempt, errorText), 'EX', statusTtl) end
end
`,
});
