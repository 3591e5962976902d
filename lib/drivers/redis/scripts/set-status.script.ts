import { SECONDS, STATUS_TEXT } from './fragments.js';
import { defineScript } from './script.js';

/**
 * Writes a status that the application gave. It works on a server without free memory as well: there only pushes are refused.
 *
 * Reply: 1.
 */
export const setStatusScript = defineScript({
  name: 'set-status',
  keys: ['status'],
  args: ['state', 'queue', 'attempt', 'errorText', 'statusTtl'],
  flags: ['allow-oom'],
  body: `
local seconds = ${SECONDS}
${STATUS_TEXT.trim()}
redis.call('SET', status, statusText(state, attempt, errorText ~= '' and errorText or nil), 'EX', statusTtl)
return 1
`,
});
