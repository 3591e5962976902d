import { TRAIT } from '../../trait-codec.js';
import { fillTable } from '../fragments.js';
import { definePart } from '../part.js';
import { FORGET_THROTTLE, KEY_OF, KEY_PATTERN } from './unique.part.js';

/** The most throttles that a push removes because they are over: at least twice as many as it may bring. */
const TIDIED = 100;

/** Lua that finds the owner of a key, and gives keys to jobs. */
const TAKE = `${FORGET_THROTTLE}
-- Returns the job that has a key, and whether it is a throttle. A throttle that is over is free, and so is the key of a job that is gone,
-- because another program removed it.
local function holderOfKey(key)
  local id = redis.call('HGET', unique, key)
  if not id then return end
  local ends = redis.call('ZSCORE', throttles, key)
  if ends and tonumber(ends) > now then return id, true end
  if not ends and redis.call('HEXISTS', jobs, id) == 1 then return id, false end
  redis.call('HDEL', unique, key)
  forgetThrottle(key, id)
end
-- \`entries\`: a key, an id, the next key, and so on.
local function giveKeys(entries)
  ${fillTable('unique', 'entries')}
  if redis.call('PERSIST', unique) == 1 then redis.call('PERSIST', throttles) end
end
`;

/**
 * Gives new jobs their keys. It stands behind the parts that take ids and traits.
 *
 * @param index the index of the traits among the values of a job
 * @param whenTaken Lua that acts if the key of a job is taken: by `owner`, whose throttle it is if `isThrottled`
 */
function takeKeys(index: number, whenTaken: string) {
  return definePart({
    name: 'take unique keys',
    keys: ['unique', 'throttles', 'jobs'],
    reads: `
-- The keys of the new jobs by the index of their values, and whether they have a time; the owners of keys, and whether they are new.
local keyAt, isTimed, keyOwners, isNewKey, keyEntries = {}, {}, {}, {}, {}
local newKeys, hasThrottles = {}, false
for i = rest + answered, #ARGV, S.stride do
  -- Most jobs have no key: to look for one by a pattern takes longer.
  local facts = ARGV[i + ${index}]
  local at = string.find(facts, '\\n${TRAIT.unique}', 1, true)
  local time, key
  if at then time, key = string.match(facts, '^${KEY_PATTERN}', at) end
  if key then
    keyAt[i], isTimed[i] = key, time ~= ''
    newKeys[#newKeys + 1] = key
  end
end
if #newKeys > 0 then
  redis.call('HLEN', unique)
  hasThrottles = redis.call('ZCARD', throttles) > 0
end
`,
    helpers: TAKE,
    body: `
if hasThrottles then
  local limit = math.max(${TIDIED}, 2 * #newKeys)
  local over = redis.call('ZRANGE', throttles, '-inf', string.format('%.0f', now), 'BYSCORE', 'LIMIT', 0, limit)
  for i = 1, #over do holderOfKey(over[i]) end
end
if #newKeys > 0 then
  local found = redis.call('HMGET', unique, unpack(newKeys))
  for i = 1, #newKeys do keyOwners[newKeys[i]] = found[i] or nil end
end
`,
    on: {
      admitNew: `
local key = keyAt[i]
if key then
  -- The time of a throttle counts from the push.
  if isTimed[i] then
    S.newTraits = string.gsub(S.newTraits, '\\n(u%l)%+(%d+)', function(mode, time) return string.format('\\n%s%.0f', mode, now + time) end)
  end
  if not S.skips and keyOwners[key] then
    local owner, isThrottled = keyOwners[key], false
    if not isNewKey[key] then owner, isThrottled = holderOfKey(key) end
    if owner then
      ${whenTaken}
    end
  end
end
`,
      admitted: `
local key = keyAt[i]
if key then
  keyOwners[key], isNewKey[key] = id, true
  keyEntries[#keyEntries + 1] = key
  keyEntries[#keyEntries + 1] = id
end
`,
      pushed: `
if #keyEntries > 0 then giveKeys(keyEntries) end
`,
    },
  });
}

/** Gives pushed jobs their keys. A job whose key is taken is a duplicate. */
export const takeUnique = takeKeys(
  3,
  `
S.skips = true
noteDuplicate(i, owner)
`,
);

/** The keys of jobs that come from another queue. A job whose key a live job has is refused; a throttle ends. */
export const takeMovedUnique = takeKeys(
  6,
  `
if isThrottled then forgetThrottle(key, owner) else S.skips = true end
`,
);

/**
 * Gives failed jobs their keys again when they are put back. A job whose key a live job has stays failed; a throttle ends. It needs the
 * part `know traits` before it.
 */
export const retakeUnique = definePart({
  name: 'retake unique keys',
  keys: ['unique', 'throttles', 'jobs'],
  reads: `
redis.call('HLEN', unique)
redis.call('ZCARD', throttles)
`,
  helpers: TAKE + KEY_OF,
  on: {
    mayRetry: `
local key = keyOf(id)
if key then
  local owner, isThrottled = holderOfKey(key)
  stays = owner and owner ~= id and not isThrottled
  if not stays then
    if owner then forgetThrottle(key, owner) end
    giveKeys({ key, id })
  end
end
`,
  },
});
