/**
 * Lua, for every script that gives a sign of life. After a silence (the server was away, or its clock jumped) every lease looks
 * as if it had run out: nothing is taken over until the others have had the time to speak. Whoever speaks first notices.
 *
 * It needs `consumers`, `meta`, and the numbers `lease`, `interval` (signs of life are no further apart than that) and
 * `grace`, all in ms; it sets `graceEnd`, for `meta`.
 */
export const NOTICE_SILENCE = `
local signs = redis.call('HMGET', meta, 'seen', 'grace')
local seen, graceEnd = tonumber(signs[1]), tonumber(signs[2]) or 0
local jumpedBack = seen and seen - now > interval
local silent = seen and now - seen > 2 * interval or not seen and redis.call('ZCARD', consumers) > 0
if silent or jumpedBack then graceEnd = now + grace end
if jumpedBack then
  local others = redis.call('ZRANGE', consumers, 0, 999, 'WITHSCORES')
  for i = 1, #others, 2 do
    if tonumber(others[i + 1]) > now + lease then redis.call('ZADD', consumers, now + lease, others[i]) end
  end
end
`;
