import { EXPECTS, traitPattern } from '../../trait-codec.js';
import { fillTable } from '../fragments.js';
import { hook } from '../hooks.js';
import { definePart } from '../part.js';
import { PRIORITIES_ALONE } from './traits.part.js';

/** In the reply of a push, in front of the id of the job that it replaced. Alone: the job that waits is another one than expected. */
export const REPLACED = '~';

const DEBOUNCE = traitPattern('debounce');
/** The length of the time of the push in front of a record. */
const TIME = 13;

/**
 * The jobs that wait for their first start, and may be replaced until then. `debounce` (HASH): key -> `ID FIRST`, the id of the job and
 * the time of its first push in ms. The trait of such a job is its key; a push sends `MAXWAIT EXPECTED KEY`.
 */
const FREE = `
local function freeDebounced(ids)
  if not S.hasDebounced then return end
  readTraits(ids)
  local keys, owners = {}, {}
  for i = 1, #ids do
    local key = traitOf(ids[i], '${DEBOUNCE}')
    if key then keys[#keys + 1], owners[#owners + 1] = key, ids[i] end
  end
  if #keys == 0 then return end
  local entries, freed = redis.call('HMGET', debounce, unpack(keys)), {}
  for i = 1, #keys do
    if entries[i] and string.match(entries[i], '^%S+') == owners[i] then freed[#freed + 1] = keys[i] end
  end
  if #freed > 0 then redis.call('HDEL', debounce, unpack(freed)) end
end
`;

/** Lets jobs go that start, in a poll. A queue without such jobs sends no further command. It needs the part `traits` before it. */
export const freeDebounced = definePart({
  name: 'free debounced jobs',
  unused: PRIORITIES_ALONE,
  keys: ['debounce'],
  reads: `
S.hasDebounced = S.hasTraits and redis.call('HLEN', debounce) > 0
`,
  helpers: FREE,
  on: {
    claimed: `
freeDebounced(ids)
`,
    dangling: `
freeDebounced(ids)
`,
  },
});

/** Lets dropped jobs go. It needs the part `know traits` before it, and the part `drop traits` behind it. */
export const dropDebounced = definePart({
  name: 'drop debounced jobs',
  keys: ['debounce'],
  reads: `
S.hasDebounced = redis.call('HLEN', debounce) > 0
`,
  helpers: FREE,
  on: {
    dropped: `
freeDebounced(ids)
`,
  },
});

/** Removes the key of a queue with it. */
export const removeDebounced = definePart({
  name: 'remove debounced jobs',
  keys: ['debounce'],
  on: {
    removing: `
redis.call('UNLINK', debounce)
`,
  },
});

/**
 * Looks which of the pushed jobs take the place of one that waits: they are skipped, and `replaceDebounced` does the rest. It stands behind
 * the parts that take ids, traits and unique keys.
 */
export const takeDebounced = definePart({
  name: 'take debounced jobs',
  keys: ['debounce', 'jobs'],
  reads: `
redis.call('HLEN', debounce)
-- By key: the id and the first push of the job that waits, and its record if that is new. The jobs to replace, in their order.
local waitingOf, replacing, newlyDebounced = {}, {}, {}
`,
  helpers: `
local function waitingFor(key)
  if waitingOf[key] == nil then
    local id, first = string.match(redis.call('HGET', debounce, key) or '', '^(%S+) (%d+)$')
    local isThere = id and redis.call('HEXISTS', jobs, id) == 1
    waitingOf[key] = isThere and { id = id, first = tonumber(first) } or false
  end
  return waitingOf[key]
end
local function isExpected(waiting, expected)
  if expected == '${EXPECTS.anything}' then return true end
  if not waiting then return expected == '${EXPECTS.nothing}' end
  local record = waiting.record or string.sub(redis.call('HGET', jobs, waiting.id), ${TIME + 1})
  return redis.sha1hex(record) == expected
end
`,
  on: {
    admitNew: `
local value = string.match(S.newTraits, '${DEBOUNCE}')
if value and not S.skips then
  local most, expected, key = string.match(value, '^(%d*) (%S+) (.*)$')
  S.newTraits = string.gsub(S.newTraits, '${DEBOUNCE}', function() return '\\no' .. key end)
  local waiting = waitingFor(key)
  local last = (waiting and waiting.first or now) + (tonumber(most) or math.huge)
  local due = math.min(now + delay, last)
  if not isExpected(waiting, expected) then
    S.skips = true
    noteDuplicate(i, '${REPLACED}')
  elseif waiting then
    S.skips = true
    noteDuplicate(i, '${REPLACED}' .. waiting.id)
    waiting.record = ARGV[i + 2]
    replacing[#replacing + 1] = { id = waiting.id, isNew = waiting.isNew, record = ARGV[i + 2], due = due, isCapped = due < now + delay, traits = S.newTraits }
  else
    delay = due - now
    waitingOf[key] = { id = id, first = now, isNew = true, record = ARGV[i + 2] }
    newlyDebounced[#newlyDebounced + 1] = key
    newlyDebounced[#newlyDebounced + 1] = id .. string.format(' %.0f', now)
  end
end
`,
    pushed: `
if #newlyDebounced > 0 then
  ${fillTable('debounce', 'newlyDebounced')}
end
`,
  },
});

/**
 * Replaces jobs that wait, with their traits, and puts them off: also those that are ready. One whose longest time is over stays in its
 * place. It stands behind the part `store`, and needs the part `take ready jobs`.
 */
export const replaceDebounced = definePart({
  name: 'replace debounced jobs',
  keys: ['jobs', 'delayed', 'attempts', 'marker', 'traits'],
  reads: `
redis.call('HLEN', attempts)
`,
  body: `
for i = 1, #replacing do
  local one = replacing[i]
  local id, stays = one.id, false
  if not one.isNew and not redis.call('ZSCORE', delayed, id) then
    stays = one.due <= now
    if stays then
      ${hook('staysReady', 'id', 'one.traits')}
    else
      takeReady(id)
    end
  end
  redis.call('HSET', jobs, id, string.format('%.0f', now) .. one.record)
  redis.call('HSET', traits, id, one.traits)
  if not stays then redis.call('ZADD', delayed, string.format('%.3f', one.due / 1000), id) end
  -- It waits from now on, whatever an operator has changed. One that is due before its time has passed says when.
  if one.isCapped then
    redis.call('HSET', attempts, id, string.format('0:0:0:%.0f', one.due))
  else
    redis.call('HDEL', attempts, id)
  end
end
if #replacing > 0 then redis.call('ZADD', marker, 0, '0') end
`,
});

/** Lua of the script that reads the record of the job that waits under a key. Reply: the record; nothing if none waits. */
export const READ_DEBOUNCED = `
local id = string.match(redis.call('HGET', debounce, key) or '', '^%S+')
local record = id and redis.call('HGET', jobs, id)
return record and string.sub(record, ${TIME + 1}) or nil
`;
