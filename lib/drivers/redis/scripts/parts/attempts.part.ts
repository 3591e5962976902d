import { definePart } from '../part.js';

/**
 * The attempts, crashes and `unknownSince` of jobs, and since when a job waits that an operator let wait anew. The hash stays
 * empty as long as every job succeeds at its first attempt.
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
  if not text then return 0, 0, '0' end
  local tries, crashes, unknown, since = string.match(text, '^(%d+):(%d+):(%d+):?(%d*)$')
  return tonumber(tries or 0), tonumber(crashes or 0), unknown or '0', since or ''
end
-- \`since\`: since when it waits, in ms; nothing or empty if that is the time when its push made it ready.
local function setAttempts(id, tries, crashes, unknown, since)
  local text = string.format('%d:%d:%s', tries, crashes, unknown)
  redis.call('HSET', attempts, id, since and since ~= '' and text .. ':' .. since or text)
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
