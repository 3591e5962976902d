import { hook } from '../hooks.js';
import { definePart } from '../part.js';

/** Removes the records of ended jobs. Without a part that keeps some of them, all are removed. */
export const forget = definePart({
  name: 'forget',
  keys: ['jobs'],
  helpers: `
local function forget(ids)
  if #ids == 0 then return end
  redis.call('HDEL', jobs, unpack(ids))
  ${hook('forgotten', 'ids')}
end
-- Removes the records of jobs that were completed (\`mark\` c) or cancelled (x), except of those that a part keeps.
local function forgetCompleted(ids, fences, mark)
  local gone = ids
  ${hook('keepCompleted', 'ids', 'fences', 'mark', 'gone')}
  forget(gone)
end
`,
});
