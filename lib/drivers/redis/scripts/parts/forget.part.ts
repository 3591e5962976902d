import { hook } from '../hooks.js';
import { definePart } from '../part.js';

/** Removes the records of jobs, as Lua. */
const FORGET = `redis.call('HDEL', jobs, unpack(ids))
  ${hook('forgotten', 'ids')}`;

/** Lua that does what `forgetCompleted` does, without a function. */
export function forgettingCompleted(ids: string, fences: string, mark: string): string {
  return `local gone = ${ids}
    ${hook('keepCompleted', ids, fences, mark, 'gone')}
    if #gone > 0 then
      local ids = gone
      ${FORGET}
    end`;
}

/** Removes the records of ended jobs. Without a part that keeps some of them, all are removed. */
export const forget = definePart({
  name: 'forget',
  keys: ['jobs'],
  helpers: `
local function forget(ids)
  if #ids == 0 then return end
  ${FORGET}
end
-- Removes the records of jobs that were completed (\`mark\` c) or cancelled (x), except of those that a part keeps.
local function forgetCompleted(ids, fences, mark)
  ${forgettingCompleted('ids', 'fences', 'mark')}
end
`,
});
