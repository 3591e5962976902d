import { PROGRESS_IN_STATUS, READ_OWNER, RESULT_IN_STATUS, SECONDS, statusError, statusText } from './fragments.js';
import { defineScript } from './script.js';

/**
 * Writes a status that the application set, and keeps the name of the job, its result and its progress in it.
 * It is kept at least as long as the one before: an id must not become free while its job is kept.
 *
 * It works on a server without
 * free memory as well: such a server refuses only pushes.
 *
 * Reply: 1.
 */
export const setStatusScript = defineScript({
  name: 'set-status',
  keys: ['status'],
  args: ['state', 'queue', 'attempt', 'errorText', 'statusTtl'],
  flags: ['allow-oom'],
  body: `${READ_OWNER}local seconds = ${SECONDS}
local text = ${statusText('state', 'attempt')}
local before = redis.pcall('GET', status)
local owner, name = ownerIn(before)
if name then text = text .. ',"name":"' .. name .. '"' end
if errorText ~= '' then text = text .. ${statusError('errorText')} end
local result = owner and string.find(before, '${RESULT_IN_STATUS}', 1, true)
local at = result or owner and string.find(before, '${PROGRESS_IN_STATUS}', 1, true)
if at then text = text .. string.sub(before, at, -2) end
local ttl = math.max(tonumber(statusTtl), redis.call('TTL', status))
redis.call('SET', status, text .. '}', 'EX', ttl)
return 1
`,
});
