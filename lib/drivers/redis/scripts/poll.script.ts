import { defineScript } from './script.js';
import { NOTICE_SILENCE } from './silence.js';

/**
 * One poll of a consumer: settles a batch, takes the jobs of lost consumers over, makes due jobs ready, claims the
 * next batch.
 *
 * It is idempotent as a whole. A consumer has one poll under way at a time, with a number that grows: the last number
 * and its answer are kept in `polls`, an equal number gets that answer again. A consumer that is not in `consumers` and
 * does not come with its first number was given up: nothing it says counts. One that had an answer to a later poll than
 * `polls` knows of finds a server that has forgotten something (a failover, a crash): it has to tell that again first.
 *
 * `completed`: the ids of completed jobs and their fences, as JSON text `[ids, fences]`; empty where there are none. One text
 * is read faster than so many arguments, on both sides.
 * rest: `kind, id, fence, delay in ms, error as JSON text` for each other settlement; kinds: `fail`, `retry`, `back`,
 * `front`, and `unknown` (as `back`, and remembers since when).
 *
 * Reply: 2 and the last number that is known, where polls up to `answered` are forgotten; else `code` (1 done, 0 given up,
 * -1 an older poll, whose answer nobody awaits), milliseconds until it is worth asking again (a delayed job is due, another
 * consumer's lease runs out) or -1, whether more is ready, whether recovered are left, the lowest fence of those claimed, refused
 * ids, dangling ids, claimed ids as JSON text (empty where there are none), their records, their attemptsOfIds (empty where none has one), the time in ms.
 */
export const pollScript = defineScript({
  name: 'poll',
  keys: [
    'ready',
    'delayed',
    'jobs',
    'attempts',
    'recovered',
    'consumers',
    'claimed',
    'polls',
    'meta',
    'marker',
    'failed',
  ],
  args: [
    'consumer',
    'number',
    'answered',
    'lease',
    'interval',
    'grace',
    'limit',
    'takesRecovered',
    'promoted',
    'reaped',
    'completed',
    'statusPrefix',
    'statusTtl',
    'queue',
    'claimedPrefix',
    'pollsPrefix',
  ],
  flags: ['allow-oom'],
  body: `
number, lease, interval, grace = tonumber(number), tonumber(lease), tonumber(interval), tonumber(grace)
limit = tonumber(limit)
local keeps = statusTtl ~= '0'
local seconds = string.format('%.0f', math.floor(now / 1000))

-- Reads come first: a key of the wrong type stops the script before it has written anything.
local expiry = tonumber(redis.call('ZSCORE', consumers, consumer) or 0)
local last = redis.call('HMGET', polls, 'number', 'first', 'count', 'refused')
local fence = tonumber(redis.call('HGET', meta, 'fence')) or 0
local depth = redis.call('LLEN', ready)
local recoveredDepth = redis.call('LLEN', recovered)
local hasAttempts = redis.call('HLEN', attempts) > 0
local held = redis.call('HLEN', claimed)
redis.call('HLEN', jobs)
redis.call('ZCARD', marker)
redis.call('ZCARD', failed)
local head = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')

local refused, danglingIds, ids, records, attemptsOfIds = {}, {}, {}, {}, {}
local first, tail = 0, -1

-- When another consumer is lost unless it gives a sign of life. One that is lost already has more than one poll can move, or a
-- grace to wait for.
local function nextLoss()
  local others = redis.call('ZRANGE', consumers, 0, 1, 'WITHSCORES')
  local ends = tonumber(others[others[1] == consumer and 4 or 2])
  if ends and ends <= now then ends = math.max(ends, tonumber(redis.call('HGET', meta, 'grace')) or 0) end
  return ends
end

local function answer(code)
  if code == 1 and depth == 0 then
    local due = math.min(head[2] and tonumber(head[2]) * 1000 or math.huge, nextLoss() or math.huge)
    if due < math.huge then tail = math.max(0, math.ceil(due - now)) end
  end
  local claims = #ids > 0 and cjson.encode(ids) or ''
  return { code, tail, depth > 0 and 1 or 0, recoveredDepth > 0 and 1 or 0, string.format('%.0f', first), refused, danglingIds, claims, records, attemptsOfIds, string.format('%.0f', now) }
end

local function attemptsOf(id)
  local text = hasAttempts and redis.call('HGET', attempts, id)
  if not text then return 0, 0, '0' end
  local tries, crashes, unknown = string.match(text, '^(%d+):(%d+):(%d+)$')
  return tonumber(tries or 0), tonumber(crashes or 0), unknown or '0'
end

local function setAttempts(id, tries, crashes, unknown)
  redis.call('HSET', attempts, id, string.format('%d:%d:%s', tries, crashes, unknown))
  hasAttempts = true
end

local function setStatus(id, state, attempt, errorText, ends)
  if not keeps then return end
  local text = '{"status":"' .. state .. '","updated_at":' .. seconds .. ',"queue":"' .. queue .. '","attempt":' .. attempt
  if errorText then text = text .. ',"error":' .. errorText end
  if ends then
    redis.call('SET', statusPrefix .. id, text .. '}', 'EX', statusTtl)
  else
    redis.call('SET', statusPrefix .. id, text .. '}')
  end
end

-- 1. Who is it?
local lastNumber = tonumber(last[1]) or 0
if expiry == 0 and (number > 1 or lastNumber > 0) then
  -- Somebody deleted the list of consumers: what this one holds must not be forgotten with it.
  if held > 0 then redis.call('ZADD', consumers, 0, consumer) end
  return answer(0)
end
if lastNumber < tonumber(answered) then return { 2, lastNumber } end
if number < lastNumber then return answer(-1) end
if number == lastNumber then
  first = tonumber(last[2])
  local count = tonumber(last[3])
  for id in string.gmatch(last[4], '[^ ]+') do refused[#refused + 1] = id end
  if count > 0 then
    local entries = redis.call('HGETALL', claimed)
    local byFence = {}
    for i = 1, #entries, 2 do
      local fence = tonumber(entries[i + 1])
      if fence and fence >= first and fence < first + count then byFence[fence - first + 1] = entries[i] end
    end
    for i = 1, count do
      if byFence[i] then ids[#ids + 1] = byFence[i] end
    end
    if #ids > 0 then records = redis.call('HMGET', jobs, unpack(ids)) end
    if #ids > 0 and hasAttempts then
      attemptsOfIds = redis.call('HMGET', attempts, unpack(ids))
      for i = 1, #ids do attemptsOfIds[i] = attemptsOfIds[i] or '' end
    end
  end
  return answer(1)
end

-- 2. Sign of life.
${NOTICE_SILENCE}redis.call('ZADD', consumers, now + lease, consumer)

-- 3. Settle.
-- A job whose consumer was ever lost stays a takesRecovered until its end.
local function enqueue(push, id, crashes)
  if crashes > 0 then
    redis.call(push, recovered, id)
    recoveredDepth = recoveredDepth + 1
  else
    redis.call(push, ready, id)
    depth = depth + 1
  end
end
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
    end
  end
  for i = all, kept + 1, -1 do done[i] = nil end
  if kept > 0 then
    redis.call('HDEL', claimed, unpack(done))
    redis.call('HDEL', jobs, unpack(done))
    if keeps then
      if hasAttempts then
        for i = 1, #done do setStatus(done[i], 'completed', attemptsOf(done[i]) + 1, nil, true) end
      else
        local text = '{"status":"completed","updated_at":' .. seconds .. ',"queue":"' .. queue .. '","attempt":1}'
        for i = 1, #done do redis.call('SET', statusPrefix .. done[i], text, 'EX', statusTtl) end
      end
    end
    if hasAttempts then redis.call('HDEL', attempts, unpack(done)) end
  end
end
local cursor, fronts, failures = rest, {}, {}
while cursor < #ARGV do
  local kind, id, fence, delay, errorText = ARGV[cursor], ARGV[cursor + 1], ARGV[cursor + 2], tonumber(ARGV[cursor + 3]), ARGV[cursor + 4]
  cursor = cursor + 5
  if redis.call('HGET', claimed, id) ~= fence then
    refused[#refused + 1] = id
  else
    redis.call('HDEL', claimed, id)
    local tries, crashes, unknown = attemptsOf(id)
    if kind == 'fail' then
      redis.call('HDEL', jobs, id)
      if hasAttempts then redis.call('HDEL', attempts, id) end
      setStatus(id, 'failed', tries + 1, errorText, true)
      failures[#failures + 1] = seconds
      failures[#failures + 1] = id
    else
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
        head = false
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
  table.sort(fronts, function(a, b) return a[1] > b[1] end)
  for i = 1, #fronts do enqueue('LPUSH', fronts[i][2], fronts[i][3]) end
end

-- 4. Take the jobs of one lost consumer over, some at a time. They are recovered: one of them may be what killed it.
if now >= graceEnd then
  local lost = redis.call('ZRANGE', consumers, '-inf', now, 'BYSCORE', 'LIMIT', 0, 1)[1]
  if lost then
    local theirs = redis.pcall('HRANDFIELD', claimedPrefix .. lost, reaped, 'WITHVALUES')
    if theirs.err then
      -- Not a hash: a foreign key, or a foreign consumer. Nothing of ours is in it.
      redis.call('UNLINK', claimedPrefix .. lost)
      theirs = {}
    end
    local moved = {}
    for i = 1, #theirs, 2 do moved[#moved + 1] = { tonumber(theirs[i + 1]) or 0, theirs[i] } end
    table.sort(moved, function(a, b) return a[1] < b[1] end)
    for i = 1, #moved do
      local id = moved[i][2]
      local tries, crashes, unknown = attemptsOf(id)
      redis.call('RPUSH', recovered, id)
      redis.call('HDEL', claimedPrefix .. lost, id)
      setAttempts(id, tries, crashes + 1, unknown)
      setStatus(id, 'retrying', tries + 1, '"The worker that ran this job was lost"')
    end
    recoveredDepth = recoveredDepth + #moved
    if redis.call('HLEN', claimedPrefix .. lost) > 0 then
      redis.call('ZADD', consumers, 0, lost)
    else
      redis.call('ZREM', consumers, lost)
      redis.call('DEL', pollsPrefix .. lost)
    end
  end
end

-- 5. Make due jobs ready.
head = head or redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
if head[2] and tonumber(head[2]) * 1000 <= now + 0.5 then
  local due = redis.call('ZRANGE', delayed, '-inf', string.format('%.4f', (now + 0.5) / 1000), 'BYSCORE', 'LIMIT', 0, promoted)
  if #due > 0 then
    if hasAttempts then
      for i = 1, #due do
        local _, crashes = attemptsOf(due[i])
        enqueue('RPUSH', due[i], crashes)
      end
    else
      redis.call('RPUSH', ready, unpack(due))
      depth = depth + #due
    end
    redis.call('ZREMRANGEBYRANK', delayed, 0, #due - 1)
  end
  head = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
end

-- 6. Claim.
local taken = {}
if limit > 0 and takesRecovered == '1' and recoveredDepth > 0 then
  taken[1] = redis.call('LPOP', recovered)
  recoveredDepth = recoveredDepth - 1
end
if limit > #taken and depth > 0 then
  local popped = redis.call('LPOP', ready, limit - #taken)
  depth = depth - #popped
  if taken[1] then
    for i = 1, #popped do taken[i + 1] = popped[i] end
  else
    taken = popped
  end
end
if #taken > 0 then
  ids, records = taken, redis.call('HMGET', jobs, unpack(taken))
  local found, kept = #ids, 0
  for i = 1, found do
    if records[i] then
      kept = kept + 1
      if kept < i then ids[kept], records[kept] = ids[i], records[i] end
    else
      danglingIds[#danglingIds + 1] = ids[i]
    end
  end
  for i = found, kept + 1, -1 do ids[i], records[i] = nil, nil end
end
if #danglingIds > 0 then
  -- Nobody will end them: what is kept of them must not stay for ever.
  if hasAttempts then redis.call('HDEL', attempts, unpack(danglingIds)) end
  for i = 1, #danglingIds do redis.call('EXPIRE', statusPrefix .. danglingIds[i], statusTtl, 'NX') end
end
if #ids > 0 then
  -- By the clock, should a server have forgotten the last ones: a thousand a millisecond, lest they run ahead of it.
  fence = math.max(fence + #ids, now * 1000)
  first = fence - #ids + 1
  local holds = {}
  for i = 1, #ids do
    holds[2 * i - 1] = ids[i]
    holds[2 * i] = first + i - 1
  end
  if #ids > 16 then
    -- A long value makes it a hash table, and it stays one: in a listpack each look-up is a search.
    redis.call('HSET', claimed, '~', string.rep('~', 65), unpack(holds))
    redis.call('HDEL', claimed, '~')
  else
    redis.call('HSET', claimed, unpack(holds))
  end
  if hasAttempts then
    attemptsOfIds = redis.call('HMGET', attempts, unpack(ids))
    for i = 1, #ids do
      attemptsOfIds[i] = attemptsOfIds[i] or ''
      if keeps then setStatus(ids[i], 'processing', tonumber(string.match(attemptsOfIds[i], '^%d+') or 0) + 1) end
    end
  elseif keeps then
    local text = '{"status":"processing","updated_at":' .. seconds .. ',"queue":"' .. queue .. '","attempt":1}'
    local statuses = {}
    for i = 1, #ids do
      statuses[2 * i - 1] = statusPrefix .. ids[i]
      statuses[2 * i] = text
    end
    redis.call('MSET', unpack(statuses))
  end
end
redis.call('HSET', meta, 'seen', now, 'grace', graceEnd, 'fence', string.format('%.0f', fence))
redis.call('EXPIRE', meta, 86400)
redis.call('HSET', polls, 'number', number, 'first', string.format('%.0f', first), 'count', #ids, 'refused', table.concat(refused, ' '))

-- 7. What is left is for another one. Suspects that this one may not take must not wake it again and again.
if depth > 0 or (recoveredDepth > 0 and takesRecovered == '1') then
  redis.call('ZADD', marker, 0, '0')
elseif recoveredDepth == 0 and not head[2] then
  redis.call('DEL', marker)
end
return answer(1)
`,
});
