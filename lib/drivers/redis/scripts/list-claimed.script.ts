import { LISTING, LISTING_ARGS, LISTING_KEYS, LISTING_NUMBERS } from './list-jobs.js';
import { defineScript } from './script.js';

/** The most claimed jobs of a queue that are sorted at once. */
const SORTED = 1_000;

/**
 * Lists the claimed jobs by their fencing tokens: each claim has a higher one than those before it. If there are very many, it lists
 * those of one consumer after those of the other.
 *
 * `order`: `oldest` or `newest`. `after`: the last fencing token that was looked at; empty at first. `afterConsumer`: its consumer,
 * if the list goes through the consumers, else empty.
 *
 * Reply: as `LISTING` says; the cursor is such a position. The values of each job are its fencing token and its consumer.
 */
export const listClaimedScript = defineScript({
  name: 'list claimed',
  keys: ['consumers', ...LISTING_KEYS],
  args: ['order', 'after', 'afterConsumer', 'claimedPrefix', ...LISTING_ARGS],
  numbers: [...LISTING_NUMBERS],
  flags: ['no-writes', 'allow-oom'],
  body: `${LISTING}
local isForward = order == 'oldest'
local all = redis.call('ZRANGE', consumers, 0, -1)
local isByConsumer = afterConsumer ~= ''
if after == '' then
  local count = 0
  for i = 1, #all do count = count + redis.call('HLEN', claimedPrefix .. all[i]) end
  isByConsumer = count > ${SORTED}
end
-- Looks at the jobs of some consumers, those behind a fencing token. Returns the last one that it looked at, if others are left.
local function lookAt(some, bound)
  local fences, idOf, consumerOf = {}, {}, {}
  for _, consumer in ipairs(some) do
    local held = redis.call('HGETALL', claimedPrefix .. consumer)
    for i = 1, #held, 2 do
      local fence = tonumber(held[i + 1])
      if fence and (not bound or isForward and fence > bound or not isForward and fence < bound) then
        fences[#fences + 1] = fence
        idOf[fence], consumerOf[fence] = held[i], consumer
      end
    end
  end
  table.sort(fences)
  local ids, count = {}, #fences
  local function fenceAt(i) return fences[isForward and i or count + 1 - i] end
  local function textAt(i) return string.format('%.0f', fenceAt(i)) end
  for i = 1, count do ids[i] = idOf[fenceAt(i)] end
  local done = look(ids, function() return 'processing' end, function(i) return textAt(i), consumerOf[fenceAt(i)] end)
  if done < count then return done == 0 and after or textAt(done) end
end
if not isByConsumer then return answer(lookAt(all, tonumber(after)) or '') end
table.sort(all)
for i = 1, #all do
  local consumer = all[isForward and i or #all + 1 - i]
  local isBehind = consumer > afterConsumer
  if not isForward then isBehind = consumer < afterConsumer end
  if afterConsumer == '' or consumer == afterConsumer or isBehind then
    if isFull() then return answer((isForward and '-1 ' or '1e300 ') .. consumer) end
    local left = lookAt({ consumer }, consumer == afterConsumer and tonumber(after))
    if left then return answer((left == '' and (isForward and '-1' or '1e300') or left) .. ' ' .. consumer) end
  end
end
return answer('')`,
});
