import { definePart } from '../part.js';

/**
 * The attempts, crashes and `unknownSince` of jobs; since when a job waits that an operator let wait anew; and how often it was
 * released, once it has started. The hash stays empty as long as every job succeeds at its first attempt.
 *
 * Its texts are `tries:crashes:unknown`, then `:since` if one of the next two is there, then `:releases`. More fields may follow: a
 * later version of the library may have added them.
 */
export const attempts = definePart({
  name: 'attempts',
  keys: ['attempts'],
  reads: `
S.hasAttempts = redis.call('HLEN', attempts) > 0
`,
  helpers: `
local function attemptsOf(id)
  local text = S.hasAttempts and redis.call('HGET', attempts, id)
  if not text then return 0, 0, '0', '', '' end
  local tries, crashes, unknown, since, releases = string.match(text, '^(%d+):(%d+):(%d+):?(%d*):?(%d*)')
  return tonumber(tries or 0), tonumber(crashes or 0), unknown or '0', since or '', releases or ''
end
-- \`since\`: since when it waits, in ms; empty if that is the time when its push made it ready. \`releases\`: empty before its start.
local function setAttempts(id, tries, crashes, unknown, since, releases)
  local text = string.format('%d:%d:%s', tries, crashes, unknown)
  if releases ~= '' then
    text = text .. ':' .. since .. ':' .. releases
  elseif since ~= '' then
    text = text .. ':' .. since
  end
  redis.call('HSET', attempts, id, text)
  S.hasAttempts = true
end
-- Returns a text for each id, empty for a job without attempts; an empty list if no job has any.
local function attemptTexts(ids)
  if not S.hasAttempts then return {} end
  local texts = redis.call('HMGET', attempts, unpack(ids))
  for i = 1, #ids do texts[i] = texts[i] or '' end
  return texts
end
`,
});
