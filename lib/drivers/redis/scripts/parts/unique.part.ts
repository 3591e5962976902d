import { hasUnique, TRAIT } from '../../trait-codec.js';
import { definePart } from '../part.js';
import { PRIORITIES_ALONE } from './traits.part.js';

/**
 * The keys of unique jobs.
 *
 * 1. `unique` (HASH): key, or its hash if it is long -> id of the job that has it. A job has its key from its push to its end, or to its first claim.
 * 2. `throttles` (ZSET): the keys that stay taken for a time although their jobs need them no more; score: ms of its end. For each
 *    of them `unique` has a second field, `~` and the id of the job, with the key. No id and no key begins with this character.
 *
 * The trait of a job is `MODE KEY`. MODE is `e` (the key is freed at the end) or `s` (at the first claim), then the time in ms up to
 * which it stays taken anyway, if there is one.
 *
 * A part that ends jobs frees their keys in the same script, and only those that the jobs still have.
 */
/** A Lua pattern that finds the time and the key. */
export const KEY_PATTERN = `\\n${TRAIT.unique}%l(%+?%d*) ([^\\n]*)`;

/** Redis keys that hold throttles alone stay so many milliseconds longer than the last one: scores tell the exact time. */
const LONGER = 60_000;

/** Lua that forgets a throttle. */
export const FORGET_THROTTLE = `
local function forgetThrottle(key, id)
  redis.call('ZREM', throttles, key)
  redis.call('HDEL', unique, '~' .. id)
end
`;

/** Where a text of traits has the mode of the key. */
const MODE_AT = 3;
/** The mode of a key that is freed at the first claim, as a byte. */
const UNTIL_START = 's'.charCodeAt(0);

/**
 * Lua that reads the key of a job, and the time up to which it stays taken; nothing for a job without a key. `only`: the byte of a mode, to
 * read no key of another one.
 */
export const KEY_OF = `
local function keyOf(id, only)
  if traitTexts[id] == nil then readTraits({ id }) end
  local text = traitTexts[id]
  if not text or not (${hasUnique('text')}) or only and string.byte(text, ${MODE_AT}) ~= only then return end
  local time, key = string.match(text, '${KEY_PATTERN}')
  return key, tonumber(time) or 0
end
`;

const FREE = `${FORGET_THROTTLE}${KEY_OF}
-- Keeps the key of a job taken for a time.
local function throttle(key, id, time)
  local older = redis.call('HGET', unique, '~' .. id)
  if older and older ~= key then
    -- An ended job had the same id.
    if redis.call('HGET', unique, older) == id then redis.call('HDEL', unique, older) end
    redis.call('ZREM', throttles, older)
  end
  redis.call('HSET', unique, '~' .. id, key)
  redis.call('ZADD', throttles, string.format('%.0f', time), key)
end
-- Lets the keys expire if nothing but throttles is left: each of them has two fields.
local function expireKeys()
  local count = redis.call('ZCARD', throttles)
  if count == 0 or redis.call('HLEN', unique) > 2 * count then return end
  local last = redis.call('ZRANGE', throttles, -1, -1, 'WITHSCORES')[2]
  local left = math.max(0, last - now) + ${LONGER}
  redis.call('PEXPIRE', unique, left)
  redis.call('PEXPIRE', throttles, left)
end
-- Frees the keys of jobs. \`atOnce\`: also those that would stay taken for a time. \`only\`: those of this mode alone.
local function freeKeys(ids, atOnce, only)
  if not S.hasKeys then return end
  readTraits(ids)
  local keys, owners, times = {}, {}, {}
  for i = 1, #ids do
    local key, time = keyOf(ids[i], only)
    if key then keys[#keys + 1], owners[#keys + 1], times[#keys + 1] = key, ids[i], time end
  end
  if #keys == 0 then return end
  local holders, freed = redis.call('HMGET', unique, unpack(keys)), {}
  for i = 1, #keys do
    if holders[i] == owners[i] then
      if times[i] > now and not atOnce then
        throttle(keys[i], owners[i], times[i])
      else
        freed[#freed + 1] = keys[i]
        if times[i] > 0 then forgetThrottle(keys[i], owners[i]) end
      end
    end
  end
  if #freed > 0 then redis.call('HDEL', unique, unpack(freed)) end
  expireKeys()
end
`;

/** Frees the keys of jobs in a poll. A queue without such jobs sends no further command. It needs the part `traits` before it. */
export const freeUnique = definePart({
  name: 'free unique keys',
  unused: PRIORITIES_ALONE,
  keys: ['unique', 'throttles'],
  reads: `
S.hasKeys = S.hasTraits and redis.call('HLEN', unique) > 0
if S.hasKeys then redis.call('ZCARD', throttles) end
`,
  helpers: FREE,
  on: {
    claimed: `
freeKeys(ids, false, ${UNTIL_START})
`,
    ended: `
freeKeys(ids, state == 'cancelled')
`,
    dangling: `
freeKeys(ids, true)
`,
  },
});

/** Frees the keys of dropped jobs. It needs the part `know traits` before it, and the part `drop traits` behind it. */
export const dropUnique = definePart({
  name: 'drop unique keys',
  keys: ['unique', 'throttles'],
  reads: `
S.hasKeys = redis.call('HLEN', unique) > 0
redis.call('ZCARD', throttles)
`,
  helpers: FREE,
  on: {
    dropped: `
freeKeys(ids, true)
`,
  },
});

/** Ends the throttles of ended jobs whose records an operator removes. It needs the part `drop unique keys` before it. */
export const endThrottles = definePart({
  name: 'end throttles',
  keys: ['unique', 'throttles'],
  helpers: `
local function endThrottles(ids)
  if not S.hasKeys or #ids == 0 then return end
  local fields = {}
  for i = 1, #ids do fields[i] = '~' .. ids[i] end
  local keys = redis.call('HMGET', unique, unpack(fields))
  for i = 1, #ids do
    if keys[i] then
      if redis.call('HGET', unique, keys[i]) == ids[i] then redis.call('HDEL', unique, keys[i]) end
      forgetThrottle(keys[i], ids[i])
    end
  end
  expireKeys()
end
`,
  on: {
    forgotten: `
endThrottles(ids)
`,
  },
});

/** Ends the throttles of removed jobs that had no records any more. It stands behind the part `remove`. */
export const endThrottlesWithoutRecords = definePart({
  name: 'end throttles without records',
  keys: ['jobs'],
  args: ['only'],
  body: `
if S.hasKeys and only == '' then
  local gone = {}
  for i = rest, #ARGV do
    if redis.call('HEXISTS', jobs, ARGV[i]) == 0 then gone[#gone + 1] = ARGV[i] end
  end
  endThrottles(gone)
end
`,
});

/** Removes the keys of a queue with it. */
export const removeUnique = definePart({
  name: 'remove unique keys',
  keys: ['unique', 'throttles'],
  on: {
    removing: `
redis.call('UNLINK', unique, throttles)
`,
  },
});
