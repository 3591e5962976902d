import { KEPT_FAILED } from './fragments.js';
import { defineScript } from './script.js';
import { COUNT_TURNS, TURNS_ARGS, TURNS_KEYS } from './turns.js';

/**
 * Reads how a queue is, with few commands.
 *
 * Reply: ready, blocked, delayed, reserved, failed (as the script `counts` counts them), the kept completed and cancelled jobs, 1 if the queue
 * is paused, until when it is held back (ms; 0 if it is not), the time in ms, then the limits of the queue that count now: concurrency,
 * the most starts and the length of their window in microseconds; empty each if it has none.
 */
export const overviewScript = defineScript({
  name: 'overview',
  keys: ['delayed', 'failed', 'expiry', 'ownTime', 'moving', 'completedIds', ...TURNS_KEYS],
  args: ['completedTtl', 'failedTtl', ...TURNS_ARGS],
  numbers: ['completedTtl'],
  flags: ['no-writes', 'allow-oom'],
  body: `${KEPT_FAILED}${COUNT_TURNS}
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
  turns - blocked,
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
