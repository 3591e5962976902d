import { STATS_UNITS } from '../../../queue-stats.interface.js';
import { HOUR, LAST_MINUTE, MINUTE } from '../../stats-fields.js';
import { hook } from '../hooks.js';
import { definePart } from '../part.js';
import { COMPLETED_HEAD } from './retain.part.js';
import { GRACE } from './silence.part.js';

/**
 * For so long no claim is granted after each call, in milliseconds: longer than from one call to the next, and not for long if
 * the caller dies.
 */
const HELD = 5_000;
/** How long `meta` stays afterwards, in milliseconds. */
const AFTERWARDS = 86_400_000;

const { minute, hour } = STATS_UNITS;
const PERIODS = [
  { key: MINUTE, length: minute.length, kept: Math.ceil(minute.keptFor / minute.length) + 2 },
  { key: HOUR, length: hour.length, kept: Math.ceil(hour.keptFor / hour.length) + 2 },
];

/**
 * Counts the jobs that consumers hold. A consumer whose lease ended a while ago runs its jobs no longer: it is in the list `dead`.
 *
 * After a silence (see the part `silence`) every lease looks as if it had run out. So the jobs of the dead consumers are `late` for
 * one more grace: one that a consumer began, or one that begins here. The field `looked` of `meta` is the time of the last such
 * look: like a sign of life it tells that the server was there.
 */
const COUNT_RUNNING = `
local dead, running, late = {}, 0, 0
for i = 1, #S.leases, 2 do
  local held = redis.pcall('HLEN', claimedPrefix .. S.leases[i])
  -- A key of another type holds no job.
  if type(held) == 'number' and held > 0 then
    if S.leases[i + 1] + ${GRACE} > now then
      running = running + held
    else
      dead[#dead + 1] = S.leases[i]
      late = late + held
    end
  end
end
if late > 0 and running == 0 then
  local grace = S.grace or 0
  if now - math.max(S.seen or 0, S.looked or 0) > ${GRACE} then grace = now + ${GRACE} end
  redis.call('HSET', meta, 'grace', string.format('%.0f', grace), 'looked', string.format('%.0f', now))
  if not S.paused then redis.call('PEXPIRE', meta, ${AFTERWARDS}) end
  if now >= grace then late = 0 end
end
`;

/** More calls are needed. */
export const MORE = -1;
/** Jobs are on their way to another queue, and nothing was removed. */
export const MOVES = -2;
/** Minus the number of late jobs: more calls are needed, in short intervals. */
export const LATE = -2;

/**
 * Removes a part of a queue, unless a consumer holds jobs of it: at most `limit` elements of its lists, each with all that is stored
 * of its job. So each call leaves a queue that can be worked, and a later one goes on. The last call removes everything else.
 * Until then the queue is paused, so that no job is claimed meanwhile. It needs the parts `answer`, `own status`, `stale elements`
 * and `forget` before it.
 *
 * Ended jobs go first: so the records that are left are those of live jobs.
 *
 * The numbers of pushes stay, so that a late copy of a push adds nothing; they expire within a day, as `meta` does.
 *
 * `queuesKey`: the set of the names of queues; empty if another command removes the name.
 * Result: the number of jobs that run; 0 if the queue is removed; or one of these.
 */
export const obliterate = definePart({
  name: 'obliterate',
  keys: [
    'ready',
    'delayed',
    'recovered',
    'jobs',
    'attempts',
    'notes',
    'progress',
    'checkpoints',
    'cancelled',
    'gone',
    'goneRecovered',
    'marker',
    'limits',
    'starts',
    'holds',
    'failed',
    'expiry',
    'ownTime',
    'completedIds',
    'failures',
    'logs',
    'moving',
    'moves',
    'givenIds',
    'consumers',
    'meta',
  ],
  args: ['claimedPrefix', 'pollsPrefix', 'statsPrefix', 'queuesKey'],
  numbers: ['limit'],
  meta: { seen: 'number', grace: 'number', looked: 'number', paused: 'text', pausedUntil: 'number' },
  reads: `
S.leases = redis.call('ZRANGE', consumers, 0, -1, 'WITHSCORES')
redis.call('LLEN', completedIds)
redis.call('ZCARD', failed)
redis.call('ZCARD', expiry)
redis.call('ZCARD', ownTime)
redis.call('HLEN', moves)
redis.call('LLEN', ready)
redis.call('LLEN', recovered)
redis.call('ZCARD', delayed)
redis.call('HLEN', jobs)
redis.call('HLEN', attempts)
redis.call('HLEN', givenIds)
`,
  helpers: `
-- Pauses the queue for the time until the next call, unless it is paused for longer.
local function holdClaims()
  if S.paused and (not S.pausedUntil or S.pausedUntil >= now + ${HELD}) then return end
  redis.call('HSET', meta, 'paused', 'obliterate', 'pausedUntil', string.format('%.0f', now + ${HELD}))
  redis.call('PEXPIRE', meta, ${HELD + AFTERWARDS})
end

-- Removes ended jobs, with all that is kept of them.
local function forgetEnded(ids)
  for i = 1, #ids do dropStatus(ids[i]) end
  forget(ids)
end
-- Removes live jobs, with all that is stored of them. An id without a record may be that of a job of another queue.
local function dropLive(candidates)
  local ids, own = {}, {}
  for i = 1, #candidates do
    if redis.call('HEXISTS', jobs, candidates[i]) == 1 then ids[#ids + 1] = candidates[i] end
  end
  if #ids == 0 then return end
  for i, owner in ipairs(redis.call('HMGET', givenIds, unpack(ids))) do
    if owner and string.sub(owner, 1, #queue + 1) == queue .. ' ' then own[#own + 1] = ids[i] end
  end
  if #own > 0 then redis.call('HDEL', givenIds, unpack(own)) end
  for i = 1, #ids do dropStatus(ids[i]) end
  redis.call('HDEL', jobs, unpack(ids))
  redis.call('HDEL', attempts, unpack(ids))
  ${hook('dropped', 'ids')}
end

-- Each of these takes at most \`most\` elements of a place, and returns how many it took.
local function takeCompleted(most)
  local elements, ids = redis.call('LPOP', completedIds, most) or {}, {}
  for i = 1, #elements do ids[i] = string.sub(elements[i], ${COMPLETED_HEAD + 1}) end
  forgetEnded(ids)
  return #elements
end
local function takeFailed(most)
  local ids = redis.call('ZRANGE', failed, 0, most - 1)
  if #ids == 0 then return 0 end
  redis.call('ZREM', failed, unpack(ids))
  redis.call('ZREM', expiry, unpack(ids))
  redis.call('ZREM', ownTime, unpack(ids))
  forgetEnded(ids)
  return #ids
end
local function takeListed(list, most)
  local key, goneKey = listAndGone(list)
  local elements, ids = redis.call('LPOP', key, most) or {}, {}
  if #elements == 0 then return 0 end
  local isStale = forgetStale(goneKey, elements)
  for i = 1, #elements do
    if not isStale[i] then ids[#ids + 1] = elements[i] end
  end
  endStale(list, redis.call('LLEN', key))
  dropLive(ids)
  return #elements
end
local function takeDelayed(most)
  local ids = redis.call('ZRANGE', delayed, 0, most - 1)
  if #ids == 0 then return 0 end
  redis.call('ZREM', delayed, unpack(ids))
  dropLive(ids)
  return #ids
end
local function takeHeld(consumer, most)
  local ids = redis.call('HRANDFIELD', claimedPrefix .. consumer, most)
  if #ids > 0 then
    redis.call('HDEL', claimedPrefix .. consumer, unpack(ids))
    dropLive(ids)
  end
  if redis.call('HLEN', claimedPrefix .. consumer) == 0 then
    redis.call('UNLINK', pollsPrefix .. consumer)
    redis.call('ZREM', consumers, consumer)
  end
  return #ids
end
-- Jobs that are in no place: another program removed a list.
local function takeOthers(most)
  local ids = redis.call('HRANDFIELD', jobs, most)
  dropLive(ids)
  return #ids
end

local function forgetPeriods(key, length, kept)
  local current, names = math.floor(now / length), {}
  for number = current - kept, current do
    names[#names + 1] = statsPrefix .. key .. number
    if #names == 500 or number == current then
      redis.call('UNLINK', unpack(names))
      names = {}
    end
  end
end
-- Removes what does not belong to a job.
local function removeRest()
  redis.call('UNLINK', ready, delayed, recovered, attempts, notes, progress, checkpoints, cancelled)
  redis.call('UNLINK', gone, goneRecovered, marker, limits, starts, holds)
  redis.call('UNLINK', failed, expiry, ownTime, completedIds, failures, logs, moving, statsPrefix .. '${LAST_MINUTE}')
  ${PERIODS.map(({ key, length, kept }) => `forgetPeriods('${key}', ${length}, ${kept})`).join('\n  ')}
  redis.call('HDEL', meta, 'paused', 'pausedUntil', 'heldUntil', 'groupsHeldUntil', 'looked', 'given', 'notes', 'logs', 'traits', 'gone', 'cancels', 'limits')
  redis.call('PEXPIRE', meta, ${AFTERWARDS})
  ${hook('removing')}
  if queuesKey ~= '' then redis.pcall('SREM', queuesKey, queue) end
end
`,
  body: `${COUNT_RUNNING}
if running > 0 then
  S.result = running
elseif late > 0 then
  S.result = ${LATE} - late
elseif redis.call('HLEN', moves) > 0 then
  S.result = ${MOVES}
else
  local left = limit
  left = left - takeCompleted(left)
  if left > 0 then left = left - takeFailed(left) end
  if left > 0 then left = left - takeListed('ready', left) end
  if left > 0 then left = left - takeListed('recovered', left) end
  if left > 0 then left = left - takeDelayed(left) end
  for i = 1, #dead do
    if left > 0 then left = left - takeHeld(dead[i], left) end
  end
  ${hook('dropMore', 'left')}
  if left > 0 then left = left - takeOthers(left) end
  if left > 0 then
    removeRest()
    S.result = 0
  else
    holdClaims()
    if waitingCount() == 0 then redis.call('DEL', marker) end
    S.result = ${MORE}
  end
end
`,
});
