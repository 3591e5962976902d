import { ANSWER, WAITS } from '../../keys.js';
import { definePart, type Unused } from '../part.js';
import { KEPT } from './told.part.js';

/** The most waits that are told of the end of one job; each process has one. */
const TOLD_WAITS = 1_000;
/** A longer answer is not sent with the message: the process reads it. Characters. */
const LONGEST_MESSAGE = 4_096;
/** How long an answer is kept that reached all who wait, in milliseconds: a message may get lost on its way. */
const ANSWER_KEPT = 60_000;

/**
 * Tells the end of a job to those who wait for it. The field `waitsUntil` of `meta` is the time when the last wait of the queue is
 * over; so a queue for which nobody waits sends no further command. While somebody waits, one command looks for the waits of
 * all jobs that end together.
 *
 * The answer names the waits that it is for, so that no later wait takes it. It is kept until the last wait expires, for a minute at
 * most if all of them listen. A message that cannot be sent does not fail the script: the answer is
 * there when the wait looks for the last time.
 */
const HELPERS = `
local function tellWaits(id, text)
  local key = ready .. '${WAITS}' .. id
  local waiting = redis.pcall('ZRANGE', key, now, '+inf', 'BYSCORE', 'LIMIT', 0, ${TOLD_WAITS}, 'WITHSCORES')
  if waiting.err then return end
  redis.call('UNLINK', key)
  local message, left, isHeard, told = #text <= ${LONGEST_MESSAGE} and text or '', 0, true, {}
  for i = 1, #waiting, 2 do
    local channel, token = string.match(waiting[i], '^(%S+) (%S+)$')
    local listeners = channel and redis.pcall('PUBLISH', channel, token .. ' ' .. message)
    if type(listeners) ~= 'number' or listeners == 0 then isHeard = false end
    told[#told + 1] = waiting[i]
    left = math.max(left, tonumber(waiting[i + 1]) - now)
  end
  if isHeard then left = math.min(left, ${ANSWER_KEPT}) end
  text = ' ' .. table.concat(told, '  ') .. ' \\n' .. text
  if left > 0 then redis.call('SET', ready .. '${ANSWER}' .. id, text, 'PX', string.format('%.0f', left)) end
end
local function answerText(id, state, reasonText)
  local text = '{"state":"' .. state .. '"'
  if state == 'failed' and S.lastFailure then text = text .. S.lastFailure end
  if state == 'cancelled' and reasonText ~= '' then text = text .. ',"error":' .. reasonText end
  local kept = state == 'completed' and S.kept and S.kept[id]
  if kept then
    local result, why = kept['${KEPT.result}'] or kept['${KEPT.answer}'], kept['${KEPT.error}']
    if result then text = text .. ',"result":' .. result end
    if why then text = text .. ',"error":' .. why end
  end
  return text .. '}'
end
local function tellEnds(ids, state, reasonText)
  local names = {}
  for i = 1, #ids do names[i] = ready .. '${WAITS}' .. ids[i] end
  if redis.call('EXISTS', unpack(names)) == 0 then return end
  for i = 1, #ids do
    if redis.call('EXISTS', names[i]) == 1 then tellWaits(ids[i], answerText(ids[i], state, reasonText)) end
  end
end
`;

/** How long `meta` is kept at least beyond the last wait that it tells of, in milliseconds. */
const META_SPARE = 60_000;

/** Lua that registers a wait; it needs `meta`. */
export const KEEP_WAIT = `
local function keepWait(key, waiter, milliseconds)
  local expires = now + milliseconds
  redis.call('ZREMRANGEBYSCORE', key, '-inf', '(' .. now)
  redis.call('ZADD', key, expires, waiter)
  if redis.call('PTTL', key) < milliseconds then redis.call('PEXPIRE', key, milliseconds) end
  local known, ttl = redis.call('HGET', meta, 'waitsUntil'), redis.call('PTTL', meta)
  if not known or tonumber(known) < expires then redis.call('HSET', meta, 'waitsUntil', string.format('%.0f', expires)) end
  -- Without a time to live it stays anyway, unless it is new.
  if ttl ~= -1 and ttl < milliseconds + ${META_SPARE} then redis.call('PEXPIRE', meta, milliseconds + ${META_SPARE}) end
end
`;

/**
 * Begins the waits for jobs that were stored: a wait that began before could be told of the end of an older job with that id. It
 * needs the part `take ids` before it.
 *
 * rest: see that part. The ticket of a wait is `MILLISECONDS CHANNEL TOKEN`.
 */
export const beginWaits = definePart({
  name: 'begin waits',
  keys: ['ready', 'meta'],
  helpers: `
local tickets = {}
${KEEP_WAIT}`,
  on: {
    admitted: `
if isGiven and ticket ~= '' then tickets[#tickets + 1] = { id, ticket } end
`,
  },
  body: `
for _, each in ipairs(tickets) do
  local key = ready .. '${WAITS}' .. each[1]
  local milliseconds, waiter = string.match(each[2], '^(%d+) (%S+ %S+)$')
  -- The job is stored: a key of another type must not fail its push.
  if type(redis.pcall('ZCARD', key)) == 'number' then keepWait(key, waiter, tonumber(milliseconds)) end
end
`,
});

const META = { waitsUntil: 'number' } as const;
const READS = `
S.hasWaits = S.waitsUntil and S.waitsUntil > now
`;

/** Nobody waits for a job of the queue. */
const NO_WAITS: Unused = { meta: META, when: `(S.waitsUntil or 0) <= now` };

/** Tells the ends of jobs that a poll settles. It needs the part `told` before it. */
export const tellWaits = definePart({
  name: 'tell waits',
  unused: NO_WAITS,
  keys: ['ready', 'meta'],
  meta: META,
  reads: READS,
  helpers: HELPERS,
  on: {
    attemptFailed: `
if S.hasWaits then
  local texts = string.match(details or '', '^%d+ %S+ (.*)$')
  S.lastFailure = ',"attempt":' .. attempt .. ',"error":' .. errorText .. (texts and ',"details":[' .. texts .. ']' or '')
end
`,
    ended: `
if S.hasWaits then tellEnds(ids, state, reasonText) end
`,
    dangling: `
if S.hasWaits then tellEnds(ids, 'gone') end
`,
  },
});

/** Tells that jobs were dropped. */
export const tellDropped = definePart({
  name: 'tell dropped',
  keys: ['ready', 'meta'],
  meta: META,
  reads: READS,
  helpers: HELPERS,
  on: {
    dropped: `
if S.hasWaits then tellEnds(ids, 'gone') end
`,
  },
});

/** Tells that waiting jobs were cancelled. It needs the argument `reasonText` of the part `cancel`. */
export const tellCancelled = definePart({
  name: 'tell cancelled',
  keys: ['ready', 'meta'],
  args: ['reasonText'],
  meta: META,
  reads: READS,
  helpers: HELPERS,
  on: {
    dropped: `
if S.hasWaits then tellEnds(ids, 'cancelled', reasonText) end
`,
  },
});
