import { KEPT_KEYS } from '../../keys.js';
import { bigText, KEPT_FAILED } from '../fragments.js';
import { rarely } from '../helpers.js';
import { hook } from '../hooks.js';
import { definePart } from '../part.js';

/** The length of what stands in front of the id in the list of completed jobs: the time of the end, the fence, the mark. */
export const COMPLETED_HEAD = 30;
/** The fence of a job that was cancelled before it began. */
export const NO_FENCE = '0'.repeat(16);
/** The most kept jobs that one call removes because their time is over. */
const TIDIED = 100;
/** One of so many polls looks for kept jobs whose time is over, beside the polls that fail jobs. */
const TIDY_EACH = 64;

/**
 * Keeps the records of completed and cancelled jobs: the last ones of a queue. A kept record stays in the hash of records; the
 * list `completedIds` tells that its job has ended. An element is the time of the end in ms (13 digits), the fence (16
 * digits), c for completed or x for cancelled, and the id. One command keeps all jobs of a poll, and one removes as many old
 * ones.
 */
export const keepCompleted = definePart({
  name: 'keep completed',
  keys: ['completedIds'],
  args: ['completedTtl'],
  numbers: ['maxCompleted'],
  reads: `
redis.call('LLEN', completedIds)
`,
  on: {
    keepCompleted: `
if maxCompleted > 0 and completedTtl ~= '0' then
  local from, stamp, elements, removed = math.max(#ids - maxCompleted, 0), ${bigText('now')}, {}, {}
  for i = 1, from do removed[i] = ids[i] end
  for i = from + 1, #ids do elements[i - from] = stamp .. fences[i] .. mark .. ids[i] end
  local over = redis.call('RPUSH', completedIds, unpack(elements)) - maxCompleted
  if over > 0 then
    local old = redis.call('LPOP', completedIds, math.min(over, #ids + ${TIDIED}))
    for i = 1, #old do removed[#removed + 1] = string.sub(old[i], ${COMPLETED_HEAD + 1}) end
  end
  gone = removed
end
`,
  },
});

/**
 * Keeps the records of failed jobs, and removes kept jobs whose time is over.
 *
 * 1. `failed` (ZSET): the failed jobs; score: unix seconds of the failure.
 * 2. `expiry` (ZSET): failed jobs with a time of their own; score: unix seconds of their removal.
 * 3. `ownTime` (ZSET): the same jobs; score: as in `failed`. Those that outlive the others stand in front of jobs that have to
 *    go. The ranks in both sets tell how many do, so that it takes a few commands to pass them, and not a walk.
 *
 * `keptFor`: seconds for which a job is kept, as text. It needs the part `forget` before it.
 */
export const retain = definePart({
  name: 'retain',
  keys: ['completedIds', 'failed', 'expiry', 'ownTime'],
  args: ['completedTtl', 'failedTtl', 'statusPrefix', 'queue'],
  numbers: ['maxFailed', 'number'],
  reads: `
redis.call('ZCARD', failed)
S.hasExpiry = redis.call('ZCARD', expiry) > 0
`,
  helpers: `${KEPT_FAILED}
-- Removes failed jobs with all that is kept of them.
local function dropFailed(ids)
  if #ids == 0 then return end
  redis.call('ZREM', failed, unpack(ids))
  local statuses = {}
  for i = 1, #ids do
    -- Another queue may have that id now.
    local text = redis.pcall('GET', statusPrefix .. ids[i])
    local owner = type(text) == 'string' and string.match(text, '^{"status":"%l+","updated_at":%d+,"queue":"([^"]+)"')
    if type(text) == 'string' and (not owner or owner == queue) then statuses[#statuses + 1] = statusPrefix .. ids[i] end
  end
  if #statuses > 0 then redis.call('UNLINK', unpack(statuses)) end
  if S.hasExpiry then
    redis.call('ZREM', expiry, unpack(ids))
    redis.call('ZREM', ownTime, unpack(ids))
  end
  forget(ids)
end
-- The rank of the first failed job without a time of its own.
local function firstWithout()
  local low, high = 0, redis.call('ZCARD', ownTime)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local id = redis.call('ZRANGE', ownTime, middle, middle)[1]
    if redis.call('ZRANK', failed, id) == middle then low = middle + 1 else high = middle end
  end
  return low
end
-- Failed jobs whose time is over, those without a time of their own.
local function overdue(latest)
  if not S.hasExpiry then
    return redis.call('ZRANGE', failed, '-inf', latest, 'BYSCORE', 'LIMIT', 0, ${TIDIED})
  end
  if overdueCount() == 0 then return {} end
  local at, ids, left = firstWithout(), {}, {}
  local page = redis.call('ZRANGE', failed, at, at + ${TIDIED - 1}, 'WITHSCORES')
  for i = 1, #page, 2 do
    if tonumber(page[i + 1]) <= tonumber(latest) then ids[#ids + 1] = page[i] end
  end
  for i = 1, #ids do
    if not redis.call('ZSCORE', expiry, ids[i]) then left[#left + 1] = ids[i] end
  end
  return left
end
-- Removes kept jobs whose time is over, and those that are too many.
local function tidy()
  if S.hasExpiry then
    dropFailed(redis.call('ZRANGE', expiry, '-inf', now / 1000, 'BYSCORE', 'LIMIT', 0, ${TIDIED}))
  end
  dropFailed(overdue(string.format('%.3f', now / 1000 - failedTtl)))
  local over = (S.hasExpiry and keptFailed() or redis.call('ZCARD', failed)) - math.max(maxFailed, 0)
  if over > 0 then dropFailed(redis.call('ZRANGE', failed, 0, math.min(over, 3 * ${TIDIED}) - 1)) end
  local head = redis.call('LRANGE', completedIds, 0, 0)[1]
  if head and (tonumber(string.sub(head, 1, 13)) or 0) <= now - completedTtl * 1000 then
    local elements, done = redis.call('LRANGE', completedIds, 0, ${TIDIED - 1}), {}
    for i = 1, #elements do
      if (tonumber(string.sub(elements[i], 1, 13)) or 0) > now - completedTtl * 1000 then break end
      done[i] = string.sub(elements[i], ${COMPLETED_HEAD + 1})
    end
    redis.call('LPOP', completedIds, #done)
    forget(done)
  end
end
`,
  body: `
if S.hasFailed or number % ${TIDY_EACH} == 0 then
  ${rarely('tidy()')}
end
`,
  on: {
    keepFailed: `
local kept, own, ownFailed, removed = {}, {}, {}, {}
for i = 1, #ids do
  if keptFor[i] == '0' or maxFailed == 0 then
    removed[#removed + 1] = ids[i]
  else
    kept[#kept + 1] = string.format('%.3f', now / 1000)
    kept[#kept + 1] = ids[i]
    if keptFor[i] ~= failedTtl then
      own[#own + 1] = string.format('%.3f', now / 1000 + keptFor[i])
      own[#own + 1] = ids[i]
      ownFailed[#ownFailed + 1] = kept[#kept - 1]
      ownFailed[#ownFailed + 1] = ids[i]
    end
  end
end
if #kept > 0 then
  redis.call('ZADD', failed, unpack(kept))
  S.hasFailed = true
end
if #own > 0 then
  redis.call('ZADD', expiry, unpack(own))
  redis.call('ZADD', ownTime, unpack(ownFailed))
  S.hasExpiry = true
end
gone = removed
`,
  },
});

/** The most consumers whose claimed jobs one script counts before kept jobs may expire. */
const LOOKED_AT = 128;

/**
 * Lets the records of ended jobs expire together with the keys that list them, once no other job is left in the queue: also
 * if no worker ever comes again. A push takes the time to live away.
 *
 * The number of records alone does not tell that. Versions without retention listed failed jobs whose records were removed. So
 * no job may wait, and the claimed jobs of all consumers are counted, unless there are more records than that anyway.
 */
const EXPIRE_KEPT = `
local ended = redis.call('ZCARD', failed) + redis.call('LLEN', completedIds)
if ended > 0 and redis.call('HLEN', jobs) <= ended and not anyClaimed() then
  local keptTtl = math.max(tonumber(completedTtl), tonumber(failedTtl), 1)
  local last = redis.call('ZRANGE', expiry, -1, -1, 'WITHSCORES')[2]
  if last then keptTtl = math.max(keptTtl, math.ceil(last - now / 1000)) end
  for _, key in ipairs({ jobs, failed, completedIds, failures, logs, traits, expiry, ownTime }) do
    redis.call('EXPIRE', key, keptTtl)
  end
end
`;

/** True also if there are too many consumers to look at: some of them live on, and look again. */
const ANY_CLAIMED = `
local function anyClaimed()
  local all = redis.call('ZRANGE', consumers, 0, ${LOOKED_AT})
  for i = 1, #all do
    -- A key of another type holds no job.
    local held = redis.pcall('HLEN', claimedPrefix .. all[i])
    if type(held) == 'number' and held > 0 then return true end
  end
  return #all > ${LOOKED_AT}
end
`;

/** Whether jobs wait. A list that has stale elements alone may be removed a little later. */
const ANY_WAITS = `
local function anyIn(list, gone)
  local length = redis.call('LLEN', list)
  return length > 0 and length > tonumber(redis.call('HGET', gone, '~') or 0)
end
local function anyWaits()
  local count = 0
  ${hook('countWaiting', 'count')}
  return count > 0 or redis.call('ZCARD', delayed) > 0 or anyIn(ready, gone) or anyIn(recovered, goneRecovered)
end
`;

const EXPIRING = {
  keys: ['jobs', 'completedIds', 'failed', 'expiry', 'ownTime', 'failures', 'logs', 'traits', 'consumers'],
  args: ['completedTtl', 'failedTtl', 'claimedPrefix'],
  helpers: ANY_CLAIMED,
} as const;

/** Lets kept jobs expire at the end of a poll that leaves nothing to do. */
export const expireKept = definePart({
  name: 'expire kept',
  ...EXPIRING,
  body: `
if #S.ids == 0 and S.depth + S.apart == 0 and (S.recoveredDepth or 0) == 0 and not S.head[2] then
  ${rarely(EXPIRE_KEPT)}
end
`,
});

/** Lets kept jobs expire after jobs were dropped, as {@link expireKept} does. */
export const expireKeptDropped = definePart({
  name: 'expire kept, dropped',
  ...EXPIRING,
  keys: [...EXPIRING.keys, 'ready', 'delayed', 'recovered', 'gone', 'goneRecovered'],
  helpers: ANY_CLAIMED + ANY_WAITS,
  reads: `
redis.call('ZCARD', delayed)
redis.call('LLEN', ready)
redis.call('LLEN', recovered)
redis.call('HLEN', gone)
redis.call('HLEN', goneRecovered)
redis.call('ZCARD', failed)
redis.call('LLEN', completedIds)
redis.call('ZCARD', expiry)
redis.call('ZCARD', consumers)
`,
  on: {
    dropped: `
if not anyWaits() then
  ${EXPIRE_KEPT.trim().replaceAll('\n', '\n  ')}
end
`,
  },
});

/** Lets kept jobs expire after some came back to the failed ones, as {@link expireKept} does. */
export const expireKeptBack = definePart({
  name: 'expire kept, back',
  ...EXPIRING,
  reads: `
redis.call('LLEN', completedIds)
redis.call('ZCARD', consumers)
`,
  body: `
if S.isBack then
  ${EXPIRE_KEPT.trim().replaceAll('\n', '\n  ')}
end
`,
});

const PERSIST_KEPT = `
if redis.call('PERSIST', jobs) == 1 then
  for _, name in ipairs({ ${KEPT_KEYS.map((name) => `'${name}'`).join(', ')} }) do
    redis.call('PERSIST', ready .. name)
  end
end
`;

/** Keeps the records of ended jobs as long as the queue has other jobs: takes their time to live away. */
export const persistKept = definePart({
  name: 'persist kept',
  keys: ['jobs', 'ready'],
  on: { pushed: PERSIST_KEPT },
});

/** Does the same when failed jobs are put back to the queue. */
export const persistRetried = definePart({
  name: 'persist kept, retried',
  keys: ['jobs', 'ready'],
  on: { retried: PERSIST_KEPT },
});
