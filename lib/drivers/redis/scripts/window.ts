/** How long the starts of a window are kept after they have left it, in milliseconds. */
const SPARE = 60_000;

/**
 * A sliding window of starts, as Lua that needs `time`, and sets the local `window`: no window of `per` microseconds has more than `max` starts.
 *
 * The starts of a window are a list, the first one at its front. All starts of one claim have equal elements: their time in
 * microseconds, the first fence of the claim, the number of its jobs, and how far the clock of the window is ahead of that of the
 * server. A start leaves the list when it has left the window and its place is needed.
 *
 * The clock of a window never goes back. If that of the server was set back, the window goes on from its last start: it neither
 * forgets a start, nor waits until the server has caught up.
 *
 * - `window.free(key, max, per, want)`: how many jobs may start now, at most `want`; if none may, also when, in milliseconds;
 * - `window.note(key, per, first, count, starts)`: jobs with these fences start now; `starts`: how many of them, if not all;
 * - `window.keptFor(per)`: for how long the list of starts is kept, in milliseconds, as a number and as text;
 * - `window.giveBack(key, fence)`: the job with this fence has not started after all.
 */
export const WINDOW = `
-- Many windows have the elements of one claim, and get those of the next one: to read and to write numbers takes longer than a command.
window = { known = {} }
function window.startAt(key, index)
  local element = redis.call('LRANGE', key, index, index)[1]
  local start = window.known[element or '']
  if not start then
    local at, first, count, ahead = string.match(element or '', '^(%d+) (%d+) (%d+) (%d+)$')
    start = { tonumber(at or 0), tonumber(first or 0), tonumber(count or 0), tonumber(ahead or 0) }
    window.known[element or ''] = start
  end
  return start[1], start[2], start[3], start[4], element
end
function window.startText(at, first, count, ahead)
  local made = window.made
  if not made or made[1] ~= at or made[2] ~= first or made[3] ~= count or made[4] ~= ahead then
    made = { at, first, count, ahead, string.format('%.0f %.0f %.0f %.0f', at, first, count, ahead) }
    window.made = made
  end
  return made[5]
end
-- Returns the time on the clock of a window, and how far that clock is ahead.
function window.timeOf(key)
  local us = time[1] * 1000000 + time[2]
  local at, first, count, ahead, element = window.startAt(key, -1)
  if us + ahead < at then
    ahead = at - us
    redis.call('LREM', key, -1, element)
    redis.call('RPUSH', key, window.startText(at, first, count, ahead))
  end
  return us + ahead, ahead
end
function window.free(key, max, per, want)
  local length = redis.call('LLEN', key)
  if length + want <= max then return want end
  local clock, ahead = window.timeOf(key)
  -- How many of the first starts have left the window, as far as their places are needed.
  local left, most = 0, math.min(length, length + want - max)
  while left < most do
    local middle = math.ceil((left + most) / 2)
    if clock - window.startAt(key, middle - 1) >= per then left = middle else most = middle - 1 end
  end
  if left > 0 then redis.call('LTRIM', key, left, -1) end
  length = length - left
  if length < max then return math.min(want, max - length) end
  return 0, (window.startAt(key, length - max) + per - ahead) / 1000
end
function window.keptFor(per)
  if window.keptPer ~= per then
    window.keptPer, window.kept = per, math.ceil(per / 1000) + ${SPARE}
    window.keptText = string.format('%.0f', window.kept)
  end
  return window.kept, window.keptText
end
function window.note(key, per, first, count, starts)
  local clock, ahead = window.timeOf(key)
  local element, elements = window.startText(clock, first, count, ahead), {}
  for i = 1, starts or count do elements[i] = element end
  redis.call('RPUSH', key, unpack(elements))
  local _, text = window.keptFor(per)
  redis.call('PEXPIRE', key, text)
end
function window.giveBack(key, fence)
  -- How many starts have this fence or an earlier one.
  local low, high = 0, redis.call('LLEN', key)
  while low < high do
    local middle = math.floor((low + high) / 2)
    local _, first = window.startAt(key, middle)
    if first <= fence then low = middle + 1 else high = middle end
  end
  if low == 0 then return end
  local _, first, count, _, element = window.startAt(key, low - 1)
  -- The claim of the job may have left the list, or may have come when nobody counted.
  if fence < first + count then redis.call('LREM', key, -1, element) end
end
`;
