import { SECONDS, statusError, statusText } from '../fragments.js';
import { hook } from '../hooks.js';
import { definePart } from '../part.js';

/** Writes the statuses of jobs. With a status time of 0 it writes none. It needs the part `given ids` before it. */
export const status = definePart({
  name: 'status',
  args: ['statusPrefix', 'statusTtl', 'queue'],
  helpers: `
local keeps, seconds = statusTtl ~= '0', ${SECONDS}
-- The status of an ended job is kept only for the status time.
local function setStatus(id, state, attempt, errorText, ends)
  local ttl = statusTtl
  ${hook('statusTime', 'id', 'state', 'ttl')}
  if ttl == '0' then return end
  local text = ${statusText('state', 'attempt')} .. nameText(id)
  if errorText then text = text .. ${statusError('errorText')} end
  ${hook('statusEnd', 'id', 'text', 'state')}
  if ends then
    redis.call('SET', statusPrefix .. id, text .. '}', 'EX', ttl)
  else
    redis.call('SET', statusPrefix .. id, text .. '}')
  end
end
`,
});
