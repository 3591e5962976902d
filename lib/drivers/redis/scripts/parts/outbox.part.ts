import { FLOW_KINDS } from '../../../../job/flow-ref.js';
import { MEMBER_KNOWN_FOR } from '../../../queue-flows.interface.js';
import { OUTBOX, SIGNALS } from '../../keys.js';
import { MAY_HAVE, mayHave } from '../../trait-codec.js';
import { EXPIRE_META, noteInMeta, SECONDS, statusText } from '../fragments.js';
import { definePart, type Unused } from '../part.js';
import { list, text } from '../reply.js';
import { PRIORITIES_ALONE } from './traits.part.js';
import { KEPT } from './told.part.js';

/** The details of a settlement `cancel` of a job that was not started in time. */
export const HAS_EXPIRED = 'expired';

/** The outcome of a job, in an entry of the outbox. */
export const OUTCOME = { completed: 'c', failed: 'f', cancelled: 'x', stopped: 'y', retried: 'r' } as const;
/** In place of an outcome: the batch has all its members. */
export const SEAL = 's';
/** In place of an outcome: jobs are added to the batch. */
export const ADD = 'a';
/** In place of an outcome: many members of a batch have completed. */
export const MANY = 'm';

const BATCH = FLOW_KINDS.batch.charCodeAt(0);

/** For so long one process has an outbox for itself, in milliseconds. If it dies, another one takes over then. */
export const RELAY_LEASE = 1_500;
/** So long after the last entry each idle consumer looks at the outbox every second, in milliseconds: the process that was about to do it may be dead. */
const WATCHED = 10_000;
const LOOK_EACH = 1_000;
/** The most entries that are read at once, how many of them with one command, and the bytes after which no more are read: results may be large. */
const MOST_READ = 300;
const READ_EACH = 20;
const MOST_BYTES = 500_000;

/** Lua of the table that the parts of the outbox share. It is one table, because a script may have 200 locals. */
const TABLE = `
local box = { key = ready .. '${OUTBOX}', entries = {}, newEntries = {}, batches = {}, completed = {} }
`;

/** Lua that reads the first entries of the outbox: `box.read()` returns a list. */
const READ_ENTRIES = `
function box.read()
  local entries, bytes = {}, 0
  for from = 0, ${MOST_READ - READ_EACH}, ${READ_EACH} do
    local some = redis.call('LRANGE', box.key, from, from + ${READ_EACH - 1})
    for i = 1, #some do
      entries[#entries + 1] = some[i]
      bytes = bytes + #some[i]
    end
    if #some < ${READ_EACH} or bytes > ${MOST_BYTES} then break end
  end
  return entries
end
`;

/** Lua that finds the flow of a job whose traits were read, and its node there. */
const FLOW_OF = `
function box.flowOf(id)
  local traitText = traitTexts[id]
  local from = traitText and ${mayHave('traitText', 'flow')}
  if not from then return end
  local to = string.find(traitText, '\\n', from + 2, true)
  return string.sub(traitText, from + 2, to and to - 1)
end
`;

/** Nothing is in the outbox. A queue whose jobs have no traits has no member of a flow. */
const NO_OUTBOX: Unused = { meta: { outbox: 'text' }, when: `S.outbox == '0'` };

/** Lua that reads the field `relay` of `meta`: the token, the end of the lease, the time of the last entry (both in ms). */
const READ_RELAY = `do
  local token, untilTime, noted = string.match(S.relay or '', '^(%d+) (%d+) (%d+)$')
  box.token, box.untilTime, box.noted = tonumber(token) or 0, tonumber(untilTime) or 0, tonumber(noted) or 0
end`;

/** Lua that writes that field. */
const RELAY_TEXT = `
function box.relayText()
  return string.format('%.0f %.0f %.0f', box.token, box.untilTime, box.noted)
end
`;

/**
 * The outbox of a queue: what its scripts have to tell flows. The script that ends a job which is a member of a flow notes that here, in the
 * slot of the queue. The first process that sees it hands it over to the flows, in their slots, and removes it afterwards. So
 * nothing is lost, whoever dies; an entry may be handed over twice.
 *
 * An entry is `REF NODE OUTCOME ID`, then, of a completed job whose flow keeps its result, a line feed and the result. OUTCOME is c
 * (completed), f (failed), x (cancelled, dropped), y (a failure in its batch has cancelled it) or r (a failed job was put back). Behind y there are a line feed, the length of the
 * traits of the job, a line feed, the traits and the record. `REF 0 s -` seals a batch. `REF 0 a TOKEN`, a line feed and a list of jobs as JSON
 * adds members to it: see the script `add to batch`. `REF 0 m -`, a line feed and the numbers of
 * members with commas between them: these members of a batch have completed.
 *
 * One process at a time has the outbox, for `RELAY_LEASE`. Its token is a number that grows: only the process that got it last removes
 * entries, those that it has read. The field `outbox` of `meta` is `0` if the outbox is empty, and missing if that is not known. So a
 * queue without members of flows sends no further command.
 *
 * If something is noted after a pause, all consumers are called: from then on each of them looks every second, so that what a
 * process has left when it died is not left for long.
 */
export const outbox = definePart({
  name: 'outbox',
  unused: NO_OUTBOX,
  keys: ['ready', 'meta'],
  meta: { outbox: 'text', relay: 'text' },
  keeps: {
    outbox: `box.isFull and '1' or '0'`,
    relay: `box.isChanged and box.relayText() or S.relay or ''`,
  },
  reads: `${TABLE}${READ_RELAY}
if S.outbox ~= '0' or S.traits ~= '${MAY_HAVE.nothing}' then box.isFull = redis.call('LLEN', box.key) > 0 end
`,
  helpers: RELAY_TEXT,
});

/**
 * Notes the ends of members of flows. It needs the parts `outbox`, `traits` and `told` before it, and the part `forget traits` behind it.
 * The status of a member is kept for a while in any case: its push may arrive again.
 */
export const noteEnds = definePart({
  name: 'note ends',
  unused: PRIORITIES_ALONE,
  helpers: `${FLOW_OF}
function box.note(ids, outcome)
  if not S.hasTraits then return end
  readTraits(ids)
  if not traitTexts[true] then return end
  for i = 1, #ids do
    local flow = box.flowOf(ids[i])
    if flow and outcome == '${OUTCOME.completed}' and string.byte(flow) == ${BATCH} then
      local ref, node = string.match(flow, '^(%S+) (%d+)$')
      -- A callback is no node.
      if ref then
        local nodes = box.completed[ref]
        if not nodes then
          nodes = {}
          box.completed[ref], box.batches[#box.batches + 1] = nodes, ref
        end
        nodes[#nodes + 1] = node
      end
    elseif flow then
      local entry = flow .. ' ' .. outcome .. ' ' .. ids[i]
      local kept = outcome == '${OUTCOME.completed}' and S.kept and S.kept[ids[i]]
      local result = kept and (kept['${KEPT.result}'] or kept['${KEPT.answer}'])
      if result then entry, box.hasResults = entry .. '\\n' .. result, true end
      box.newEntries[#box.newEntries + 1] = entry
    end
  end
end
`,
  on: {
    settled: `
if kind == 'cancel' and details == '${HAS_EXPIRED}' then box.expired = id end
`,
    statusTime: `
if S.hasTraits and tonumber(ttl) < ${MEMBER_KNOWN_FOR} then
  readTraits({ id })
  if box.flowOf(id) then ttl = '${MEMBER_KNOWN_FOR}' end
end
`,
    ended: `
local outcome = state == 'completed' and '${OUTCOME.completed}' or '${OUTCOME.cancelled}'
if state == 'failed' or ids[1] == box.expired then outcome = '${OUTCOME.failed}' end
box.note(ids, outcome)
`,
    dangling: `
box.note(ids, '${OUTCOME.cancelled}')
`,
  },
});

/** Lua that calls all consumers, unless something was noted a moment ago. */
const CALL_ALL = `if box.noted + ${LOOK_EACH} < now then redis.pcall('PUBLISH', ready .. '${SIGNALS}', '') end`;

/** Writes the new entries, and gives the outbox to the consumer if no other process has it. It needs the part `note ends` before it. */
export const readOutbox = definePart({
  name: 'read outbox',
  unused: NO_OUTBOX,
  keys: ['ready'],
  helpers: READ_ENTRIES,
  body: `
for i = 1, #box.batches do
  local ref = box.batches[i]
  box.newEntries[#box.newEntries + 1] = ref .. ' 0 ${MANY} -\\n' .. table.concat(box.completed[ref], ',')
end
if #box.newEntries > 0 then
  redis.call('RPUSH', box.key, unpack(box.newEntries))
  ${CALL_ALL}
  -- They are all that is there, and short.
  if not box.isFull and #box.newEntries <= ${MOST_READ} and not box.hasResults then box.first = box.newEntries end
  box.isFull, box.noted, box.isChanged = true, now, true
  -- The short script would have nothing to do with it, and the next poll comes soon.
  S.traits = '${MAY_HAVE.anything}'
end
if box.isFull and box.untilTime <= now then
  box.entries = box.first or box.read()
  box.token, box.untilTime, box.isChanged = box.token + 1, now + ${RELAY_LEASE}, true
end
`,
  on: {
    due: `
if box.isFull then due = math.min(due, math.max(box.untilTime, now)) end
if box.noted + ${WATCHED} > now then due = math.min(due, now + ${LOOK_EACH}) end
`,
  },
  reply: {
    relay: text(`#box.entries > 0 and string.format('%.0f', box.token) or ''`),
    entries: list('box.entries'),
  },
});

/** Lua that notes entries in a script that is seldom. */
const WRITE_ENTRIES = `
function box.append(entries)
  redis.call('RPUSH', box.key, unpack(entries))
  box.noted = now
  redis.call('HSET', meta, 'relay', box.relayText())
  ${noteInMeta('outbox')}
  redis.pcall('PUBLISH', ready .. '${SIGNALS}', '')
end
function box.write(ids, outcome)
  readTraits(ids)
  local entries = {}
  for i = 1, #ids do
    local flow = box.flowOf(ids[i])
    if flow then entries[#entries + 1] = flow .. ' ' .. outcome .. ' ' .. ids[i] end
  end
  if #entries == 0 then return end
  box.append(entries)
  return true
end
`;

const SELDOM = {
  keys: ['meta', 'ready'],
  meta: { relay: 'text' },
  reads: `${TABLE}${READ_RELAY}
redis.call('LLEN', box.key)
`,
  helpers: RELAY_TEXT + FLOW_OF + WRITE_ENTRIES,
} as const;

/**
 * Notes that members of flows were dropped, or cancelled while they waited. Their ids stay known for a while. It needs the part
 * `know traits` before it, and the part `drop traits` behind it.
 */
export const noteDropped = definePart({
  name: 'note dropped members',
  ...SELDOM,
  args: ['statusPrefix', 'queue'],
  on: {
    dropped: `
if box.write(ids, '${OUTCOME.cancelled}') then
  local seconds = ${SECONDS}
  for i = 1, #ids do
    if box.flowOf(ids[i]) then
      redis.call('SET', statusPrefix .. ids[i], ${statusText(`'cancelled'`, '0')} .. '}', 'EX', ${MEMBER_KNOWN_FOR}, 'NX')
    end
  end
end
`,
  },
});

/** The part `stop members` has filled `S.stopped` with the entries of members that a failure has cancelled. It needs the part `know traits` before it. */
export const noteStopped = definePart({
  name: 'note stopped members',
  ...SELDOM,
  shared: { stopped: '{}' },
  on: {
    dropped: `
box.append(S.stopped)
`,
  },
});

/** Notes one entry. */
export const noteEntry = definePart({
  name: 'note entry',
  ...SELDOM,
  args: ['entry'],
  body: `
box.append({ entry })
`,
});

/** Notes that failed members of flows were put back. It needs the part `know traits` before it. */
export const noteRetried = definePart({
  name: 'note retried members',
  ...SELDOM,
  on: {
    retried: `
box.write(ids, '${OUTCOME.retried}')
`,
  },
});

/** Notes that failed members of flows came from another queue. It needs the part `take moved traits` before it. */
export const noteMovedMembers = definePart({
  name: 'note moved members',
  ...SELDOM,
  on: {
    pushed: `
local ids = {}
for i = 1, #records, 2 do ids[#ids + 1] = records[i] end
box.write(ids, '${OUTCOME.retried}')
`,
  },
});

/**
 * Removes the entries that a process has handed over, and gives it the next ones. A call of a process that has the outbox no more, and
 * one that arrives again, changes nothing and gets nothing.
 *
 * `token`: as the process got it; empty to take an outbox that nobody has. `count`: how many entries it was given.
 * Reply: the token, then the entries; empty if there are none.
 */
export const trimOutbox = definePart({
  name: 'trim outbox',
  keys: ['ready', 'meta'],
  args: ['token'],
  numbers: ['count'],
  meta: { relay: 'text' },
  reads: `${TABLE}${READ_RELAY}
redis.call('LLEN', box.key)
`,
  helpers: RELAY_TEXT + READ_ENTRIES,
  body: `
S.result = {}
local isOwn = token == string.format('%.0f', box.token)
if token == '' then isOwn = box.untilTime <= now end
if isOwn then
  if count > 0 then redis.call('LPOP', box.key, count) end
  local entries = box.read()
  box.token, box.untilTime = box.token + 1, #entries > 0 and now + ${RELAY_LEASE} or 0
  redis.call('HSET', meta, 'relay', box.relayText(), 'outbox', #entries > 0 and '1' or '0')
  ${EXPIRE_META}
  if #entries > 0 then S.result = { string.format('%.0f', box.token), unpack(entries) } end
end
`,
});
