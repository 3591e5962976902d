import { statusText } from '../fragments.js';
import { hook } from '../hooks.js';
import { definePart } from '../part.js';

/**
 * Settles jobs. A job that the consumer does not hold under that fence is refused.
 *
 * `completed`: the ids of completed jobs and their fences, as JSON text `[ids, fences]`; empty if there are none. A
 * single text is read faster than so many arguments, on both sides.
 * `ARGV` from `S.rest` on: `kind, id, fence, delay in ms, error as JSON text` for each other settlement; kinds: `fail`, `retry`, `back`,
 * `front`, and `unknown` (as `back`, and notes the time since which the name is unknown).
 */
export const settle = definePart({
  name: 'settle',
  keys: ['jobs', 'attempts', 'claimed', 'delayed', 'failed'],
  args: ['completed'],
  reads: `
redis.call('ZCARD', failed)
`,
  body: `
local refused = S.refused
if completed ~= '' then
  local done, told = unpack(cjson.decode(completed))
  local fences = redis.call('HMGET', claimed, unpack(done))
  local all, kept = #done, 0
  for i = 1, all do
    if fences[i] == told[i] then
      kept = kept + 1
      if kept < i then done[kept] = done[i] end
    else
      refused[#refused + 1] = done[i]
      ${hook('refused', 'true', 'i')}
    end
  end
  for i = all, kept + 1, -1 do done[i] = nil end
  if kept > 0 then
    redis.call('HDEL', claimed, unpack(done))
    ${hook('freed', 'done')}
    redis.call('HDEL', jobs, unpack(done))
    if keeps or S.kept then
      if S.hasAttempts or S.hasIds or S.hasNotes or S.kept then
        for i = 1, #done do setStatus(done[i], 'completed', attemptsOf(done[i]) + 1, nil, true) end
      else
        local text = ${statusText(`'completed'`, '1')} .. '}'
        for i = 1, #done do redis.call('SET', statusPrefix .. done[i], text, 'EX', statusTtl) end
      end
    end
    if S.hasAttempts then redis.call('HDEL', attempts, unpack(done)) end
    ${hook('ended', 'done', `'completed'`)}
  end
end
local cursor, other, fronts, failures = S.rest, 0, {}, {}
while cursor < #ARGV do
  local kind, id, fence, delay, errorText = ARGV[cursor], ARGV[cursor + 1], ARGV[cursor + 2], tonumber(ARGV[cursor + 3]), ARGV[cursor + 4]
  cursor, other = cursor + 5, other + 1
  if redis.call('HGET', claimed, id) ~= fence then
    refused[#refused + 1] = id
    ${hook('refused', 'false', 'other')}
  else
    redis.call('HDEL', claimed, id)
    ${hook('freed', '{ id }')}
    local tries, crashes, unknown = attemptsOf(id)
    if kind == 'fail' or kind == 'cancel' then
      redis.call('HDEL', jobs, id)
      if S.hasAttempts then redis.call('HDEL', attempts, id) end
      if kind == 'fail' then
        setStatus(id, 'failed', tries + 1, errorText, true)
        failures[#failures + 1] = seconds
        failures[#failures + 1] = id
        ${hook('ended', '{ id }', `'failed'`)}
      else
        setStatus(id, 'cancelled', tries + delay, errorText ~= '' and errorText or nil, true)
        ${hook('ended', '{ id }', `'cancelled'`)}
      end
    else
      ${hook('waits', 'id', 'kind', 'delay')}
      if kind == 'retry' then
        setAttempts(id, tries + 1, crashes, '0')
        setStatus(id, 'retrying', tries + 1, errorText)
      else
        if kind == 'unknown' and unknown == '0' then
          setAttempts(id, tries, crashes, string.format('%.0f', now))
        elseif kind ~= 'unknown' and unknown ~= '0' then
          setAttempts(id, tries, crashes, '0')
        end
        setStatus(id, delay > 0 and 'delayed' or 'queued', tries)
      end
      if delay > 0 then
        redis.call('ZADD', delayed, string.format('%.3f', (now + delay) / 1000), id)
        S.head = false
      elseif kind == 'front' then
        fronts[#fronts + 1] = { tonumber(fence), id, crashes }
      else
        enqueue('RPUSH', id, crashes)
      end
    end
  end
end
if #failures > 0 and keeps then
  local old = redis.call('ZRANGE', failed, '-inf', '(' .. string.format('%.0f', now / 1000 - statusTtl), 'BYSCORE', 'LIMIT', 0, 100)
  if #old > 0 then redis.call('ZREM', failed, unpack(old)) end
  redis.call('ZADD', failed, unpack(failures))
  redis.call('EXPIRE', failed, statusTtl)
end
if #fronts > 0 then
  -- The job that was claimed last is pushed first, so that the jobs stand in the order in which they were claimed.
  table.sort(fronts, function(a, b) return a[1] > b[1] end)
  for i = 1, #fronts do enqueue('LPUSH', fronts[i][2], fronts[i][3]) end
end
`,
});
