import { SECONDS, statusError, statusText } from '../fragments.js';
import { hook } from '../hooks.js';
import { definePart } from '../part.js';

/** Writes the statuses of jobs. With a status time of 0 it writes none for live jobs. It needs the part `given ids` before it. */
export const status = definePart({
  name: 'status',
  args: ['statusPrefix', 'statusTtl', 'queue'],
  helpers: `
local keeps, seconds = statusTtl ~= '0', ${SECONDS}
local function textOf(id, state, attempt, errorText)
  local text = ${statusText('state', 'attempt')} .. nameText(id)
  if errorText then text = text .. ${statusError('errorText')} end
  ${hook('statusEnd', 'id', 'text', 'state')}
  return text .. '}'
end
local function setStatus(id, state, attempt, errorText)
  if keeps then redis.call('SET', statusPrefix .. id, textOf(id, state, attempt, errorText)) end
end
local function dropStatuses(ids)
  if not keeps then return end
  local names = {}
  for i = 1, #ids do names[i] = statusPrefix .. ids[i] end
  redis.call('UNLINK', unpack(names))
end
-- Writes the status of an ended job, which expires; \`ttl\`: seconds as text. Removes it if it is not kept.
local function endStatus(id, state, attempt, errorText, ttl)
  ${hook('statusTime', 'id', 'state', 'ttl')}
  if ttl ~= '0' then
    redis.call('SET', statusPrefix .. id, textOf(id, state, attempt, errorText), 'EX', ttl)
  else
    dropStatuses({ id })
  end
end
`,
});
