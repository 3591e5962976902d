import { MAX_LOG_LINES } from '../../../../job/attempt-desk.interface.js';
import { noteInMeta } from '../fragments.js';
import { definePart, type Unused } from '../part.js';
import { NO_NOTES } from './notes.part.js';
import { TOLD } from './told.part.js';

const FORGET = `
if S.hasLogs then redis.call('HDEL', logs, unpack(ids)) end
`;

/**
 * Adds lines to the log of a job. A log is the last lines that a job logged, of all its attempts; it stays as long as the record of
 * the job.
 *
 *     FENCE LOGGED KEPT
 *     "line"
 *
 * FENCE: of the attempt that logged last; LOGGED: how many lines it has logged; KEPT: how many lines follow, as JSON texts. A note
 * has the same head: the fence, how many lines the attempt logged before, how many follow.
 *
 * It needs the part `told` before it, and `notes` behind it.
 */
export const logLines = definePart({
  name: 'log lines',
  unused: NO_NOTES,
  keys: ['logs'],
  reads: `
for _, values in pairs(S.told or {}) do S.hasLines = S.hasLines or values['${TOLD.log}'] end
if S.hasLines then redis.call('HLEN', logs) end
`,
  helpers: `
-- Leaves out the first lines of a text.
local function withoutLines(text, count)
  local at = 0
  for _ = 1, count do
    at = string.find(text, '\\n', at + 1, true)
    if not at then return '' end
  end
  return string.sub(text, at + 1)
end
-- Adds lines to the log of a job, except those that it has already: a note and the settlement may both bring them.
local function addLines(id, told)
  local fence, before, count, lines = string.match(told, '^(%d+) (%d+) (%d+)\\n(.*)$')
  before, count = tonumber(before), tonumber(count)
  local lastFence, last, kept, old = string.match(redis.call('HGET', logs, id) or '', '^(%d+) (%d+) (%d+)\\n(.*)$')
  last, kept = lastFence == fence and tonumber(last) or 0, tonumber(kept or 0)
  local known = math.max(last - before, 0)
  if known >= count then return end
  if known > 0 then lines = withoutLines(lines, known) end
  local all = kept + count - known
  if old then lines = old .. '\\n' .. lines end
  if all > ${MAX_LOG_LINES} then
    lines = withoutLines(lines, all - ${MAX_LOG_LINES})
    all = ${MAX_LOG_LINES}
  end
  redis.call('HSET', logs, id, string.format('%s %d %d\\n', fence, before + count, all) .. lines)
  S.hasLogs = true
end
`,
  on: {
    noted: `
if S.hasLines then
  for i = 1, #ids do
    local lines = S.told[ids[i]]['${TOLD.log}']
    if lines then addLines(ids[i], lines) end
  end
end
`,
  },
});

/** No job of the queue has a log. */
const NO_LOGS: Unused = { meta: { logs: 'text' }, when: `S.logs == '0'` };

/**
 * Forgets the logs of jobs whose records were removed.
 *
 * The field `logs` of `meta` says if a job of this queue may have lines. If `meta` has expired meanwhile, the length of the hash
 * decides. So a queue without logs sends no further command.
 */
export const logs = definePart({
  name: 'logs',
  unused: NO_LOGS,
  keys: ['logs', 'meta'],
  meta: { logs: 'text' },
  reads: `
S.hasLogs = S.logs ~= '0' and redis.call('HLEN', logs) > 0
`,
  on: { forgotten: FORGET, dangling: FORGET },
  body: `
if S.hasLogs and redis.call('HLEN', logs) == 0 then S.hasLogs = false end
local mark = S.hasLogs and '1' or '0'
if S.logs ~= mark then redis.call('HSET', meta, 'logs', mark) end
`,
});

/** Says that a job of this queue has lines, after a note. */
export const noteLogs = definePart({
  name: 'note logs',
  keys: ['meta'],
  meta: { logs: 'text' },
  body: `
if S.hasLogs and S.logs ~= '1' then redis.call('HSET', meta, 'logs', '1') end
`,
});

/** Forgets the logs of jobs whose records were removed. */
export const forgetLogs = definePart({
  name: 'forget logs',
  keys: ['logs'],
  reads: `
S.hasLogs = redis.call('HLEN', logs) > 0
`,
  on: { forgotten: FORGET },
});

/** Lua that puts whole logs, and says that jobs of this queue have lines. */
export const PUT_LOGS = `
local function putLogs(entries)
  redis.call('HSET', logs, unpack(entries))
  ${noteInMeta('logs')}
end
`;

/** Forgets the logs of dropped jobs. */
export const dropLogs = definePart({
  name: 'drop logs',
  keys: ['logs'],
  reads: `
S.hasLogs = redis.call('HLEN', logs) > 0
`,
  on: { dropped: FORGET },
});
