import { rarely } from '../helpers.js';
import { hook } from '../hooks.js';
import { definePart, WRITE_KEPT, READ_KEPT, type Unused } from '../part.js';
import { integer, keptList, list, text } from '../reply.js';

/**
 * The numbers of the polls of a consumer, which make a poll idempotent as a whole.
 *
 * A consumer has at most two polls in flight, with numbers that grow. The key `polls` keeps the last number, and the
 * answers to the last two polls by the parity of the number: a poll with an equal number gets its answer again.
 *
 * `after` is the number of the poll that was in flight when this poll was sent, or 0. A poll does nothing before that
 * poll was executed, so that polls take effect in their order, however they arrive. A consumer that is not in
 * `consumers` and does not come with its first number was lost: the script does nothing for it. `answered`: all polls
 * up to this number were answered. A server that does not know that number has forgotten polls (a failover, a crash):
 * the consumer has to replay them first.
 *
 * Codes: 1 done, 0 lost, 2 forgotten, 3 early, -1 old: another poll was executed in its place, this poll never will be.
 * With all codes but the first, `last` is the number of the last poll that the server knows.
 */
export const polls = definePart({
  name: 'polls',
  keys: ['consumers', 'claimed', 'polls'],
  args: ['consumer'],
  numbers: ['number'],
  shared: { first: '0', firstText: `'0'`, ids: '{}', records: '{}', attemptTexts: '{}', refused: '{}' },
  reads: `
-- The two consumers whose leases end first, and these ends.
S.leases = redis.call('ZRANGE', consumers, '0', '1', 'WITHSCORES')
local own = S.leases[1] == consumer and 2 or S.leases[3] == consumer and 4
S.expiry = tonumber(own and S.leases[own] or redis.call('ZSCORE', consumers, consumer) or 0)
S.held = redis.call('HLEN', claimed)
S.slot = number % 2 == 0 and '0' or '1'
local known = redis.call('HMGET', polls, 'last', S.slot)
S.last, S.answer = tonumber(known[1]) or 0, known[2] or ''
`,
  reply: {
    first: integer('S.first'),
    ids: text(`#S.ids > 0 and cjson.encode(S.ids) or ''`),
    records: list<string | null>('S.records'),
    attemptTexts: list('S.attemptTexts'),
    refused: keptList('refused'),
    now: integer('now'),
  },
});

/** The poll behind the last one, of a consumer that was not lost. */
const NEXT: Unused = { when: 'number == S.last + 1 and S.expiry ~= 0', isOfCall: true };

/** Refuses a poll that must not be executed, and answers a poll again that was. It needs the part `polls` before it. */
export const inTurn = definePart({
  name: 'in turn',
  unused: NEXT,
  keys: ['claimed', 'jobs'],
  numbers: ['number', 'answered', 'after'],
  body: `
if S.expiry == 0 and (number > 1 or S.last > 0) then
  ${hook('lost')}
  return { 0, S.last }
end
if S.last < answered then return { 2, S.last } end
if number <= S.last then
  local owner, first, count, kept = string.match(S.answer, '^(%d+) (%d+) (%d+)(.*)$')
  if tonumber(owner) ~= number then return { -1, S.last } end
  S.first = tonumber(first)
  count = tonumber(count)
  ${READ_KEPT}
  ${rarely(`
  if count > 0 then
    local entries = redis.call('HGETALL', claimed)
    local byFence = {}
    for i = 1, #entries, 2 do
      local fence = tonumber(entries[i + 1])
      if fence and fence >= S.first and fence < S.first + count then byFence[fence - S.first + 1] = entries[i] end
    end
    for i = 1, count do
      if byFence[i] then S.ids[#S.ids + 1] = byFence[i] end
    end
    if #S.ids > 0 then
      S.records = redis.call('HMGET', jobs, unpack(S.ids))
      S.attemptTexts = attemptTexts(S.ids)
    end
  end
`)}
  break
end
if after > S.last then return { 3, S.last } end
`,
});

/** Keeps the answer to a poll, in place of the answer to the poll before the last. */
export const remember = definePart({
  name: 'remember',
  keys: ['polls'],
  body: `
local numberText = string.format('%d', number)
local kept = string.format('%s %s %d', numberText, S.firstText, #S.ids)
${WRITE_KEPT}
redis.call('HSET', polls, 'last', numberText, S.slot, kept)
`,
});
