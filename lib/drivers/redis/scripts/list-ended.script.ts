import { COMPLETED_HEAD } from './parts/retain.part.js';
import { LIST_WINDOW, LISTING, LISTING_ARGS, LISTING_KEYS, LISTING_NUMBERS, WINDOW } from './list-jobs.js';
import { defineScript } from './script.js';

/**
 * Lists the completed and cancelled jobs that are kept. Their elements are sorted by their time.
 *
 * `order`: `oldest` or `newest`. `after`: the last element that was looked at; empty at first. It need not be there any more.
 *
 * Reply: as `LISTING` says; the cursor is an element. The first value of each job is its element.
 */
export const listEndedScript = defineScript({
  name: 'list ended',
  keys: ['completedIds', ...LISTING_KEYS],
  args: ['order', 'after', 'completedTtl', ...LISTING_ARGS],
  numbers: ['completedTtl', ...LISTING_NUMBERS],
  flags: ['no-writes', 'allow-oom'],
  body: `${LISTING}${LIST_WINDOW}
local length = redis.call('LLEN', completedIds)
local step = order == 'oldest' and 1 or -1
local function timeOf(element)
  return tonumber(string.sub(element or '', 1, 13)) or 0
end
-- The number of elements before a time.
local function countBefore(time)
  local low, high = 0, length
  while low < high do
    local middle = math.floor((low + high) / 2)
    if timeOf(redis.call('LRANGE', completedIds, middle, middle)[1]) < time then low = middle + 1 else high = middle end
  end
  return low
end
local at = step == 1 and 0 or length - 1
if after ~= '' then
  local from, to = countBefore(timeOf(after)), countBefore(timeOf(after) + 1) - 1
  at = step == 1 and from or to
  local found
  while at >= from and at <= to and not found do
    local first, last = at, math.min(at + ${WINDOW - 1}, to)
    if step == -1 then first, last = math.max(at - ${WINDOW - 1}, from), at end
    local elements = redis.call('LRANGE', completedIds, first, last)
    for i = 1, #elements do
      if elements[i] == after then found = first + i - 1 end
    end
    at = step == 1 and last + 1 or first - 1
  end
  at = found and found + step or step == 1 and from or to
end
if after == '' and step == -1 and allMatch('completed', 'completed') and allMatch('cancelled', 'cancelled') then
  skipped = math.min(skip, length)
  at = at - skipped
end
local last = after
while at >= 0 and at < length and not isFull() do
  local elements, ids = windowOf(completedIds, at, step), {}
  for i = 1, #elements do ids[i] = string.sub(elements[i], ${COMPLETED_HEAD + 1}) end
  local done = look(ids, function(i)
    if timeOf(elements[i]) <= now - completedTtl * 1000 then return end
    return string.sub(elements[i], ${COMPLETED_HEAD}, ${COMPLETED_HEAD}) == 'x' and 'cancelled' or 'completed'
  end, function(i) return elements[i], '' end)
  if done == 0 then break end
  last, at = elements[done], at + step * done
end
return answer((at < 0 or at >= length) and '' or last)`,
});
