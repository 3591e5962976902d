import { ANEW } from '../fragments.js';
import { definePart } from '../part.js';
import { PUT_LOGS } from './logs.part.js';
import { HOLDERS, NOTE_OWNERS } from './take-ids.part.js';

/**
 * Takes jobs from another queue: see the part `move out`. A job whose id is that of a live job is refused. What is kept of an
 * ended job with that id is removed. A move that arrives again gets the same reply, and adds nothing; one that was refused before
 * it arrived adds nothing.
 *
 * rest: behind the values of each job its name (empty if its id was generated), its failures, its log, and its traits.
 */
export const takeMoved = definePart({
  name: 'take moved jobs',
  ...HOLDERS,
  reads: `${HOLDERS.reads}
S.stride = 7
`,
  helpers: `${HOLDERS.helpers}-- The queue of the ended job whose id the moved job takes.
local holder
`,
  shared: { refused: '{}' },
  body: `
local ids = {}
for i = rest + answered, #ARGV, S.stride do ids[#ids + 1] = ARGV[i] end
lookForIds(ids)
`,
  on: {
    repeated: `
local told = redis.call('HGET', producer, call)
if told then return told == '' and {} or cjson.decode(told) end
`,
    admitNew: `
local _, lives
holder, _, lives = holderOf(id)
S.skips = holder and lives
`,
    skipped: `
S.refused[#S.refused + 1] = id
`,
    admitted: `
local name = ARGV[i + 3]
takeId(id, name, holder, 'queued')
anew[#anew + 1] = id
anew[#anew + 1] = ${ANEW}
if name ~= '' then noteOwner(id, name) end
if ARGV[i + 4] ~= '' then
  pasts[#pasts + 1] = id
  pasts[#pasts + 1] = ARGV[i + 4]
end
if ARGV[i + 5] ~= '' then
  lines[#lines + 1] = id
  lines[#lines + 1] = ARGV[i + 5]
end
`,
  },
});

/** Stores since when the jobs wait, their failures and their logs, and notes the taken ids, and the refused ones for a move that arrives again. */
export const noteMoved = definePart({
  name: 'note moved jobs',
  keys: ['givenIds', 'meta', 'attempts', 'failures', 'logs', 'producer'],
  args: ['call'],
  reads: `
redis.call('HLEN', failures)
redis.call('HLEN', logs)
redis.call('HLEN', attempts)
local pasts, lines, anew = {}, {}, {}
`,
  helpers: PUT_LOGS,
  body: `
${NOTE_OWNERS}if #anew > 0 then redis.call('HSET', attempts, unpack(anew)) end
if #pasts > 0 then redis.call('HSET', failures, unpack(pasts)) end
if #lines > 0 then putLogs(lines) end
if #S.refused > 0 then redis.call('HSET', producer, call, cjson.encode(S.refused)) end
`,
});
