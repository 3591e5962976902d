import { COMPLETED_SINCE, SEARCHED } from './fragments.js';
import { GROUP_OF, isShutGroup } from './group-state.js';
import { READ_MOVING } from './parts/move-out.part.js';
import { COMPLETED_HEAD } from './parts/retain.part.js';
import { LISTING, LISTING_ARGS, LISTING_KEYS, LISTING_NUMBERS } from './list-jobs.js';
import { QUEUE_ROOM, ROOM_ARGS, ROOM_KEYS } from './queue-room.js';
import { defineScript } from './script.js';

/** The index of the failures of the first job in the reply. */
const MOVED_FAILURES = 9;
/**
 * Finds one job of a queue, wherever it is; nothing if it has ended and its time is over.
 *
 * Reply: as `LISTING` says, with at most one job; the cursor is its place, and the values are those of the list of that place. Its
 * log follows; empty without one.
 */
export const listFoundScript = defineScript({
  name: 'list found',
  keys: [
    'delayed',
    'failed',
    'expiry',
    'completedIds',
    'logs',
    'moving',
    'traits',
    'groups',
    ...ROOM_KEYS,
    ...LISTING_KEYS,
  ],
  args: ['id', 'completedTtl', 'failedTtl', ...ROOM_ARGS, ...LISTING_ARGS],
  numbers: ['completedTtl', ...LISTING_NUMBERS],
  flags: ['no-writes', 'allow-oom'],
  body: `${LISTING}${READ_MOVING}${QUEUE_ROOM}
if redis.call('HEXISTS', jobs, id) == 0 then
  -- A job on its way to another queue is a failed one: see the part \`move out\`.
  local job = readMoving(id)
  if not job then return answer('') end
  chosen[1] = { id, 'failed', job.record, '', job.score }
  local reply = answer('failed')
  reply[${MOVED_FAILURES}] = job.past
  reply[#reply + 1] = job.log
  return reply
end
local function found(place, state, first, second)
  look({ id }, function(_, wasTried) return state or wasTried and 'retrying' or place == 'ready' and 'queued' or place end,
    function() return first, second end)
  local reply = answer(place)
  if #chosen > 0 then reply[#reply + 1] = redis.call('HGET', logs, id) or '' end
  return reply
end
local due = redis.call('ZSCORE', delayed, id)
if due then return found('delayed', nil, due) end
for _, consumer in ipairs(redis.call('ZRANGE', consumers, 0, -1)) do
  local fence = redis.call('HGET', claimedPrefix .. consumer, id)
  if fence then return found('claimed', 'processing', fence, consumer) end
end
local failedAt = redis.call('ZSCORE', failed, id)
if failedAt then
  local ends = redis.call('ZSCORE', expiry, id) or failedAt + failedTtl
  return ends * 1000 > now and found('failed', 'failed', failedAt) or answer('')
end
-- Whether the queue or its group keeps a ready job from starting.
local function isBlocked()
  if not hasRoom() then return true end
  local _, crashes = string.match(redis.call('HGET', attempts, id) or '', '^(%d+):(%d+):')
  local name = tonumber(crashes or 0) == 0 and string.match(redis.call('HGET', traits, id) or '', '${GROUP_OF}')
  local flag = string.byte(name and redis.call('HGET', groups, name) or '')
  return flag and ${isShutGroup('flag')}
end
local from = 0
${COMPLETED_SINCE}
if completedLength() > ${SEARCHED} then
  local status = redis.pcall('GET', statusPrefix .. id)
  local state = type(status) == 'string' and string.match(status, '"status":"(%a+)"')
  if state == 'completed' or state == 'cancelled' then return found('ended', state) end
  from = completedSince(redis.call('HGET', jobs, id))
end
for _, element in ipairs(redis.call('LRANGE', completedIds, from, -1)) do
  if string.sub(element, ${COMPLETED_HEAD + 1}) == id then
    if (tonumber(string.sub(element, 1, 13)) or 0) <= now - completedTtl * 1000 then return answer('') end
    return found('ended', string.sub(element, ${COMPLETED_HEAD}, ${COMPLETED_HEAD}) == 'x' and 'cancelled' or 'completed', element)
  end
end
return found('ready', isBlocked() and 'blocked' or nil)`,
});
