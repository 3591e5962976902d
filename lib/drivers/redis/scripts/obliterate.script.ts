import { STATS_UNITS } from '../../queue-stats.interface.js';
import { HOUR, LAST_MINUTE, MINUTE } from '../stats-fields.js';
import { defineScript } from './script.js';

/**
 * For so long no claim is granted after each call, in milliseconds: longer than from one call to the next, and not for long if
 * the caller dies.
 */
const HELD = 5_000;
/** A consumer whose lease ended so long ago runs its jobs no longer, in milliseconds: see the part `silence`. */
const GRACE = 2_500;

const { minute, hour } = STATS_UNITS;
const PERIODS = [
  { key: MINUTE, length: minute.length, kept: Math.ceil(minute.keptFor / minute.length) + 2 },
  { key: HOUR, length: hour.length, kept: Math.ceil(hour.keptFor / hour.length) + 2 },
];

/**
 * Removes a part of a queue, unless a consumer holds jobs of it: at most `limit` records, with the statuses and ids of these
 * jobs; or, once there is none left, everything else. Until then the queue is paused, so that no job is claimed meanwhile. A call
 * that arrives again goes on where the queue is then.
 *
 * The numbers of pushes stay, so that a late copy of a push adds nothing; they expire within a day, as `meta` does.
 * Reply: the number of jobs that run, 1 if more calls are needed; -1 if jobs are on their way to another queue, and nothing was
 * removed.
 */
export const obliterateScript = defineScript({
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
  args: ['claimedPrefix', 'pollsPrefix', 'statusPrefix', 'statsPrefix', 'queue', 'limit'],
  numbers: ['limit'],
  flags: ['allow-oom'],
  body: `
local running, dead = 0, {}
local leases = redis.call('ZRANGE', consumers, 0, -1, 'WITHSCORES')
for i = 1, #leases, 2 do
  local held = redis.pcall('HLEN', claimedPrefix .. leases[i])
  if type(held) == 'number' and held > 0 then
    if leases[i + 1] + ${GRACE} > now then running = running + held else dead[#dead + 1] = leases[i] end
  end
end
if running > 0 then return { running, 0 } end
if redis.call('HLEN', moves) > 0 then return { -1, 1 } end

local paused, ends = unpack(redis.call('HMGET', meta, 'paused', 'pausedUntil'))
if not paused or ends and tonumber(ends) < now + ${HELD} then
  redis.call('HSET', meta, 'paused', 'obliterate', 'pausedUntil', string.format('%.0f', now + ${HELD}))
end

local ids = redis.call('HRANDFIELD', jobs, limit)
-- Failed jobs of an older version have no record.
if #ids == 0 then ids = redis.call('ZRANGE', failed, 0, limit - 1) end
if #ids > 0 then
  local own = {}
  for i, owner in ipairs(redis.call('HMGET', givenIds, unpack(ids))) do
    if owner and string.sub(owner, 1, #queue + 1) == queue .. ' ' then own[#own + 1] = ids[i] end
  end
  if #own > 0 then redis.call('HDEL', givenIds, unpack(own)) end
  for i = 1, #ids do
    local text = redis.pcall('GET', statusPrefix .. ids[i])
    if type(text) == 'string' and string.find(text, ',"queue":"' .. queue .. '",', 1, true) then
      redis.call('UNLINK', statusPrefix .. ids[i])
    end
  end
  redis.call('HDEL', jobs, unpack(ids))
  redis.call('ZREM', failed, unpack(ids))
  return { 0, 1 }
end

redis.call('UNLINK', ready, delayed, recovered, attempts, notes, progress, checkpoints, cancelled)
redis.call('UNLINK', gone, goneRecovered, marker)
redis.call('UNLINK', failed, expiry, ownTime, completedIds, failures, logs, moving, statsPrefix .. '${LAST_MINUTE}')
for i = 1, #dead do
  redis.call('UNLINK', claimedPrefix .. dead[i], pollsPrefix .. dead[i])
  redis.call('ZREM', consumers, dead[i])
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
${PERIODS.map(({ key, length, kept }) => `forgetPeriods('${key}', ${length}, ${kept})`).join('\n')}
redis.call('HDEL', meta, 'paused', 'pausedUntil', 'given', 'notes', 'logs', 'gone', 'cancels')
redis.call('EXPIRE', meta, 86400)
return { 0, 0 }
`,
});
