import { hook } from '../hooks.js';
import { definePart } from '../part.js';
import { ENQUEUE } from './waiting.part.js';

/**
 * Changes when a waiting job is due. It needs the parts `answer` and `take waiting jobs` before it.
 *
 * As with a job that becomes due by itself, only its status `queued` or `delayed` changes, not the time of that status.
 *
 * Since when it waits stays as it was once it had an attempt or lost its consumer: it is the time when it was first due.
 *
 * A cancelled job that was put back is about to end, and is not put off.
 *
 * `delay`: in milliseconds. `only`: `delayed` to leave a ready job alone; else empty.
 */
export const reschedule = definePart({
  name: 'reschedule',
  keys: ['ready', 'delayed', 'recovered', 'cancelled', 'marker'],
  args: ['id', 'only', 'statusPrefix'],
  numbers: ['delay'],
  helpers: `${ENQUEUE}local function changeState(id, from, to)
  local text, head = redis.pcall('GET', statusPrefix .. id), '{"status":"' .. from .. '"'
  if type(text) ~= 'string' or string.sub(text, 1, #head) ~= head then return end
  redis.call('SET', statusPrefix .. id, '{"status":"' .. to .. '"' .. string.sub(text, #head + 1), 'KEEPTTL')
end
`,
  body: `
local place = placeOf(id)
if delay > 0 and redis.call('HEXISTS', cancelled, id) == 1 then place = nil end
if place and (only == '' or place == only) then
  if delay > 0 then
    if place ~= 'delayed' then takeWaiting(id) end
    ${hook('putOff', 'id', '0')}
    redis.call('ZADD', delayed, string.format('%.3f', (now + delay) / 1000), id)
    changeState(id, 'queued', 'delayed')
  elseif place == 'delayed' then
    takeWaiting(id)
    local _, crashes = attemptsOf(id)
    if crashes > 0 then redis.call('RPUSH', recovered, id) else enqueue('RPUSH', id, crashes) end
    changeState(id, 'delayed', 'queued')
  end
  if delay > 0 or place == 'delayed' then
    local tries, crashes, unknown, _, releases = attemptsOf(id)
    if tries + crashes == 0 then
      setAttempts(id, 0, 0, unknown, string.format('%.0f', now + delay), releases)
    end
  end
  -- A waiting consumer has to learn of the new time.
  redis.call('ZADD', marker, 0, '0')
  S.result = 1
end
`,
});
