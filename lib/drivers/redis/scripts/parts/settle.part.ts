import { bigText, statusText } from '../fragments.js';
import { rarely } from '../helpers.js';
import { hook } from '../hooks.js';
import { definePart } from '../part.js';
import { forgettingCompleted } from './forget.part.js';

/** Settles those that are not plain completions. */
const OTHERS = `
local cursor, other, fronts, failedIds, keptFor = S.rest, 0, {}, {}, {}
while cursor < #ARGV do
  local kind, id, fence, delay, errorText = ARGV[cursor], ARGV[cursor + 1], ARGV[cursor + 2], tonumber(ARGV[cursor + 3]), ARGV[cursor + 4]
  local details = ARGV[cursor + 5]
  cursor, other = cursor + 6, other + 1
  if redis.call('HGET', claimed, id) ~= fence then
    refused[#refused + 1] = id
    ${hook('refused', 'false', 'other')}
  else
    redis.call('HDEL', claimed, id)
    ${hook('freed', '{ id }')}
    ${hook('settled', 'id', 'kind', 'fence', 'delay', 'details')}
    local tries, crashes, unknown, since, releases = attemptsOf(id)
    if kind == 'done' or kind == 'fail' or kind == 'cancel' then
      if S.hasAttempts then redis.call('HDEL', attempts, id) end
      if kind == 'done' then
        endStatus(id, 'completed', tries + 1, nil, ARGV[cursor - 3])
        if delay > 0 then forgetCompleted({ id }, { fence }, 'c') else forget({ id }) end
        ${hook('ended', '{ id }', `'completed'`, 'nil')}
      elseif kind == 'cancel' then
        endStatus(id, 'cancelled', tries + delay, errorText ~= '' and errorText or nil, completedTtl)
        forgetCompleted({ id }, { fence }, 'x')
        ${hook('ended', '{ id }', `'cancelled'`, 'errorText')}
      else
        local time = delay < 0 and failedTtl or ARGV[cursor - 3]
        endStatus(id, 'failed', tries + 1, errorText, time)
        ${hook('attemptFailed', 'id', 'tries + 1', 'errorText', 'details')}
        failedIds[#failedIds + 1] = id
        keptFor[#keptFor + 1] = time
        ${hook('ended', '{ id }', `'failed'`, 'nil')}
      end
    else
      ${hook('waits', 'id', 'kind', 'delay')}
      if kind == 'retry' then
        ${hook('attemptFailed', 'id', 'tries + 1', 'errorText', 'details')}
        setAttempts(id, tries + 1, crashes, '0', since, releases)
        setStatus(id, 'retrying', tries + 1, errorText)
      else
        local from, count = '0', releases
        if kind == 'unknown' then
          from = unknown == '0' and ${bigText('now')} or unknown
        elseif kind == 'back' then
          count = string.format('%d', (tonumber(releases) or 0) + 1)
        elseif kind == 'halted' and releases == '' then
          count = '0'
        end
        if from ~= unknown or count ~= releases then setAttempts(id, tries, crashes, from, since, count) end
        setStatus(id, delay > 0 and 'delayed' or 'queued', tries)
      end
      local push = 'RPUSH'
      ${hook('turn', 'id', 'delay', 'crashes', 'push')}
      if delay > 0 then
        ${hook('putOff', 'id', 'crashes')}
        redis.call('ZADD', delayed, string.format('%.3f', (now + delay) / 1000), id)
        S.head = false
      elseif kind == 'front' or kind == 'halted' then
        fronts[#fronts + 1] = { tonumber(fence), id, crashes }
      else
        enqueue(push, id, crashes)
      end
    end
  end
end
if #failedIds > 0 then
  local gone = failedIds
  ${hook('keepFailed', 'failedIds', 'keptFor', 'gone')}
  forget(gone)
end
if #fronts > 0 then
  -- The job that was claimed last is pushed first, so that the jobs stand in the order in which they were claimed.
  table.sort(fronts, function(a, b) return a[1] > b[1] end)
  for i = 1, #fronts do enqueue('LPUSH', fronts[i][2], fronts[i][3]) end
end
`;

/**
 * Settles jobs. A job that the consumer does not hold under that fence is refused.
 *
 * `completed`: the ids of completed jobs and their fences, as JSON text `[ids, fences]`; empty if there are none. A single text is read
 * faster than so many arguments, and fences are compared as texts: Lua takes long to make a number of them.
 * `ARGV` from `S.rest` on: `kind, id, fence, number, error as JSON text, details` for each other settlement. The kinds `retry`,
 * `back` (counts a release), `front`, `halted` (as `front`, and notes that the job has started), and `unknown` (to the back, and notes
 * the time since which the name is unknown) have a delay in ms as their number; the kinds `fail` and `done` (completed) the time in seconds for which the job is kept, -1 for the time of its queue;
 * the kind `cancel` 1 if the job has run, else 0.
 * `details` are those of a failure, for the hook `attemptFailed`.
 *
 * It needs the parts `status` and `forget` before it.
 */
export const settle = definePart({
  name: 'settle',
  keys: ['attempts', 'claimed', 'delayed'],
  args: ['completed', 'completedTtl', 'failedTtl'],
  body: `
local refused = S.refused
if completed ~= '' then
  local done, told = unpack(cjson.decode(completed))
  local fences = redis.call('HMGET', claimed, unpack(done))
  local all, kept = #done, 0
  for i = 1, all do
    local fence = fences[i]
    if fence == told[i] then
      kept = kept + 1
      if kept < i then done[kept], fences[kept] = done[i], fence end
    else
      refused[#refused + 1] = done[i]
      ${hook('refused', 'true', 'i')}
    end
  end
  for i = all, kept + 1, -1 do done[i] = nil end
  if kept > 0 then
    redis.call('HDEL', claimed, unpack(done))
    ${hook('freed', 'done')}
    if completedTtl == '0' and not S.kept and not S.mayStayKnown then
      if keeps then
        ${rarely('dropStatuses(done)')}
      end
    elseif S.hasAttempts or S.hasIds or S.hasNotes or S.kept then
      ${rarely(`
      for i = 1, #done do endStatus(done[i], 'completed', attemptsOf(done[i]) + 1, nil, completedTtl) end
`)}
    else
      local text, gone = ${statusText(`'completed'`, '1')} .. '}', {}
      for i = 1, #done do
        local id, ttl = done[i], completedTtl
        if S.mayStayKnown then
          ${hook('statusTime', 'id', `'completed'`, 'ttl')}
        end
        if ttl ~= '0' then redis.call('SET', statusPrefix .. id, text, 'EX', ttl) else gone[#gone + 1] = id end
      end
      if #gone > 0 then
        ${rarely('dropStatuses(gone)')}
      end
    end
    if S.hasAttempts then redis.call('HDEL', attempts, unpack(done)) end
    ${forgettingCompleted('done', 'fences', `'c'`)}
    ${hook('ended', 'done', `'completed'`, 'nil')}
  end
end
if S.rest <= #ARGV then
  ${rarely(OTHERS)}
end
`,
});
