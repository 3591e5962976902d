import { hook } from '../hooks.js';
import { definePart, WRITE_KEPT, READ_KEPT } from '../part.js';
import { integer, keptList, list, text } from '../reply.js';

/**
 * The numbers of the polls of a consumer, which make a poll idempotent as a whole.
 *
 * A consumer has one poll in flight, with a number that grows: the last number and its answer are kept in `polls`, an equal
 * number gets that answer again. A consumer that is not in `consumers` and does not come with its first number was lost: the
 * script does nothing for it. A consumer that had an answer to a later poll than `polls` knows of finds a server that has
 * forgotten polls (a failover, a crash): it has to replay them first.
 *
 * Codes: 1 done, 0 lost, 2 polls up to `answered` are forgotten, -1 an older poll, whose answer nobody awaits. With all but the
 * first one, `last` is the number of the last poll that the server knows.
 */
export const polls = definePart({
  name: 'polls',
  keys: ['consumers', 'claimed', 'polls', 'jobs'],
  args: ['consumer'],
  numbers: ['number', 'answered'],
  shared: { first: '0', ids: '{}', records: '{}', attemptTexts: '{}', refused: '{}' },
  reads: `
S.expiry = tonumber(redis.call('ZSCORE', consumers, consumer) or 0)
S.held = redis.call('HLEN', claimed)
local known = redis.call('HMGET', polls, 'number', 'answer')
S.last = tonumber(known[1]) or 0
S.answer = known[2]
`,
  body: `
if S.expiry == 0 and (number > 1 or S.last > 0) then
  ${hook('lost')}
  return refuse(0)
end
if S.last < answered then return refuse(2) end
if number < S.last then return refuse(-1) end
if number == S.last then
  local first, count, kept = string.match(S.answer, '^(%d+) (%d+)(.*)$')
  S.first = tonumber(first)
  count = tonumber(count)
  ${READ_KEPT}
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
  return answer(1)
end
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

/** Keeps the answer to a poll, for the case that the poll arrives again. */
export const remember = definePart({
  name: 'remember',
  keys: ['polls'],
  body: `
local kept = string.format('%.0f %d', S.first, #S.ids)
${WRITE_KEPT}
redis.call('HSET', polls, 'number', number, 'answer', kept)
`,
});
