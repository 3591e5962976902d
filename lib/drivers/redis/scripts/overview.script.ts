import { KEPT_FAILED } from './fragments.js';
import { COUNT_GROUPED } from './group-state.js';
import { COUNT_PRIORITIZED } from './levels.js';
import { QUEUE_ROOM, ROOM_ARGS, ROOM_KEYS } from './queue-room.js';
import { defineScript } from './script.js';

/**
 * Reads how a queue is, with few commands.
 *
 * Reply: ready, blocked, delayed, reserved, failed (as the script `counts` counts them), the kept completed and cancelled jobs, 1 if the queue
 * is paused, until when it is held back (ms; 0 if it is not), the time in ms, then the limits of the queue that count now: concurrency,
 * the most starts and the length of their window in microseconds; empty each if it has none.
 */
export const overviewScript = defineScript({
  name: 'overview',
  keys: [
    'ready',
    'priority',
    'groups',
    'delayed',
    'recovered',
    'gone',
    'goneRecovered',
    'failed',
    'expiry',
    'ownTime',
    'moving',
    'completedIds',
    ...ROOM_KEYS,
  ],
  args: ['completedTtl', 'failedTtl', ...ROOM_ARGS],
  numbers: ['completedTtl'],
  flags: ['no-writes', 'allow-oom'],
  body: `${KEPT_FAILED}${COUNT_GROUPED}${COUNT_PRIORITIZED}${QUEUE_ROOM}
local inGroups, blocked = countGrouped()
local open = liveLength(ready, gone) + countPrioritized() + inGroups - blocked + liveLength(recovered, goneRecovered)
if open > 0 and not hasRoom() then open, blocked = 0, blocked + open end
-- They are in the order of their ends: those in front of the first one whose time is not over are not kept any more.
local ended, over = redis.call('LLEN', completedIds), 0
local function isOver(index)
  local time = string.sub(redis.call('LINDEX', completedIds, index) or '', 1, 13)
  return (tonumber(time) or 0) <= now - completedTtl * 1000
end
if ended > 0 and isOver(0) then
  local high = ended
  over = 1
  while over < high do
    local middle = math.floor((over + high) / 2)
    if isOver(middle) then over = middle + 1 else high = middle end
  end
end
local paused, pausedUntil, heldUntil = unpack(redis.call('HMGET', meta, 'paused', 'pausedUntil', 'heldUntil'))
local isPaused = paused and not (pausedUntil and tonumber(pausedUntil) <= now)
local held = tonumber(heldUntil or 0)
local places, most, per = limitsNow()
local function textOf(number)
  return number and number < math.huge and string.format('%.0f', number) or ''
end
return {
  open,
  blocked,
  redis.call('ZCARD', delayed),
  countRunning(),
  keptFailed() + redis.call('HLEN', moving),
  ended - over,
  isPaused and 1 or 0,
  held > now and held or 0,
  now,
  textOf(places),
  textOf(most),
  textOf(per),
}
`,
});
