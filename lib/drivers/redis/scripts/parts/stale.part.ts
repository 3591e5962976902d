import { hook } from '../hooks.js';
import { keysOfLevel } from '../levels.js';
import { definePart, type Unused } from '../part.js';

/** The most stale elements that a poll removes beyond those of its claim, so that it stays short. */
const SKIPPED = 300;
/** The number of elements that are looked at before a whole list is removed. */
const LOOKED_AT = 200;

/** The longest list in which an element is searched, as a rule: that takes Redis ten microseconds. */
export const SEARCHED = 1_000;

/**
 * To take a job out of the middle of a long list takes a search through the list. So its element stays there, and is
 * counted as stale: the hash `gone` has for each id the number of its stale elements, and their sum under `~`. Whoever
 * takes ids from the list drops so many elements of an id.
 *
 * The first elements of an id are the stale ones: an id is pushed again only after its job was taken out, and stands at the
 * front of a list again only after it was claimed from that list.
 */
const HELPERS = `
-- A list of ready or recovered jobs, and the hash of its stale elements. \`list\`: \`ready\`, \`recovered\` or a priority.
local function listAndGone(list)
  if list == 'ready' then return ready, gone end
  if list == 'recovered' then return recovered, goneRecovered end
  return ${keysOfLevel('list')}
end
-- Finds the stale elements among the first elements of a list, and forgets them. Returns a flag for each element, and the
-- number of stale elements.
local function forgetStale(key, ids)
  local counts = redis.call('HMGET', key, unpack(ids))
  local isStale, left, found, forgotten = {}, {}, 0, {}
  for i = 1, #ids do
    local id = ids[i]
    left[id] = left[id] or tonumber(counts[i] or 0)
    if left[id] > 0 then
      left[id] = left[id] - 1
      isStale[i] = true
      found = found + 1
      if left[id] > 0 then redis.call('HSET', key, id, left[id]) else forgotten[#forgotten + 1] = id end
    end
  end
  if #forgotten > 0 then redis.call('HDEL', key, unpack(forgotten)) end
  if found > 0 then
    local sum = tonumber(redis.call('HGET', key, '~') or 0) - found
    if sum > 0 then redis.call('HSET', key, '~', sum) else redis.call('HDEL', key, '~') end
  end
  return isStale, found
end
-- Removes a list that has only stale elements: no key of a queue without jobs may stay. Returns the length after it. It
-- looks at some elements, in case another program changed the list: then the sum says nothing.
local function endStale(list, length)
  local key, goneKey = listAndGone(list)
  if length > 0 and tonumber(redis.call('HGET', goneKey, '~') or 0) ~= length then return length end
  local first = redis.call('LRANGE', key, 0, ${LOOKED_AT - 1})
  local counts = #first > 0 and redis.call('HMGET', goneKey, unpack(first)) or {}
  for i = 1, #first do
    if not counts[i] then return length end
  end
  redis.call('UNLINK', key, goneKey)
  if tonumber(list) then redis.call('ZREM', priority, list) end
  return 0
end
`;

/** No list of the queue has stale elements. */
const NONE_STALE: Unused = { meta: { gone: 'text' }, when: `S.gone == '0'` };

/**
 * Skips stale elements in the claims of a poll. The field `gone` of `meta` is `0` if there are none, and missing if that is
 * not known. So a queue without stale elements sends no further command.
 */
export const skipStale = definePart({
  name: 'skip stale elements',
  unused: NONE_STALE,
  keys: ['ready', 'recovered', 'priority', 'gone', 'goneRecovered', 'meta'],
  meta: { gone: 'text' },
  keeps: { gone: 'S.gone' },
  reads: `
if S.gone ~= '0' then
  local count = redis.call('HLEN', gone) + redis.call('HLEN', goneRecovered)
  for _, value in ipairs(redis.call('ZRANGE', priority, 0, -1)) do
    local _, goneKey = ${keysOfLevel('value')}
    count = count + redis.call('HLEN', goneKey)
  end
  S.gone = count > 0 and '1' or '0'
end
S.hasGone = S.gone == '1'
`,
  helpers: `${HELPERS}
-- Replaces the stale ids among those that were taken from a list, as far as there are others.
local function replaceStale(list, popped)
  local key, goneKey = listAndGone(list)
  local batch, wanted, kept, skipped = popped, #popped, 0, 0
  while #batch > 0 do
    local isStale, found = forgetStale(goneKey, batch)
    for i = 1, #batch do
      if not isStale[i] then
        kept = kept + 1
        popped[kept] = batch[i]
      end
    end
    skipped = skipped + found
    if kept == wanted or skipped >= ${SKIPPED} then break end
    batch = redis.call('LPOP', key, wanted - kept) or {}
    if list == 'ready' then
      S.depth = S.depth - #batch
    elseif list == 'recovered' then
      S.recoveredDepth = S.recoveredDepth - #batch
    end
  end
  for i = wanted, kept + 1, -1 do popped[i] = nil end
end
`,
  on: {
    popped: `
if S.hasGone then replaceStale(list, popped) end
`,
  },
  body: `
if S.hasGone then
  S.depth = endStale('ready', S.depth)
  S.recoveredDepth = endStale('recovered', S.recoveredDepth or 0)
end
`,
});

/** Knows the stale elements, and counts the jobs that wait, in scripts that are seldom. */
export const stale = definePart({
  name: 'stale elements',
  keys: ['ready', 'recovered', 'priority', 'delayed', 'gone', 'goneRecovered'],
  reads: `
redis.call('HLEN', gone)
redis.call('HLEN', goneRecovered)
`,
  helpers: `${HELPERS}
local function waitingCount()
  local count = redis.call('LLEN', ready) + redis.call('LLEN', recovered) + redis.call('ZCARD', delayed)
  ${hook('countWaiting', 'count')}
  return count
end
`,
});

/** Drops stale elements where a queue is cleared. */
export const dropStale = definePart({
  name: 'drop stale elements',
  on: {
    looked: `
if isList then
  local _, goneKey = listAndGone(list)
  isStale = forgetStale(goneKey, ids)
end
`,
    left: `
if isList then endStale(list, redis.call('LLEN', (listAndGone(list)))) end
`,
  },
});

const TAKE_READY = `local function takeFromList(list, id)
  local key, goneKey = listAndGone(list)
  local length = redis.call('LLEN', key)
  if length <= searched then
    -- The last element of an id is the one that is not stale.
    length = length - redis.call('LREM', key, -1, id)
  else
    local count, sum = unpack(redis.call('HMGET', goneKey, id, '~'))
    if not sum then
      -- A long value makes the key a hash table, and it stays a hash table: in a listpack each look-up is a search.
      redis.call('HSET', goneKey, id, 1, '~', string.rep('~', 65))
    end
    redis.call('HSET', goneKey, id, (count or 0) + 1, '~', (sum or 0) + 1)
    redis.call('HDEL', meta, 'gone')
  end
  endStale(list, length)
end
local function takeReady(id)
  ${hook('takeReady', 'id')}
  takeFromList('ready', id)
end
`;

/**
 * Takes ready jobs out of their places. It needs the part `stale elements` before it. `searched`: see `takeWaiting`.
 */
export const takeReadyJobs = definePart({
  name: 'take ready jobs',
  keys: ['ready', 'meta'],
  numbers: ['searched'],
  helpers: TAKE_READY,
});

/**
 * Finds the places of waiting jobs, and takes jobs out of them, for other parts: `placeOf(id)`, `takeWaiting(id)`. A part that takes
 * many calls `lookForHolders(ids)` first. It needs the parts `attempts`, `ended` and `stale elements` before it.
 *
 * `searched`: the longest list in which an element is searched; in a longer list the element stays as a stale one.
 */
export const takeWaiting = definePart({
  name: 'take waiting jobs',
  keys: ['ready', 'delayed', 'recovered', 'jobs', 'meta', 'consumers', 'marker'],
  args: ['claimedPrefix'],
  numbers: ['searched'],
  reads: `
redis.call('LLEN', ready)
redis.call('ZCARD', delayed)
redis.call('LLEN', recovered)
redis.call('HLEN', jobs)
redis.call('HLEN', meta)
redis.call('ZCARD', consumers)
redis.call('ZCARD', marker)
`,
  helpers: `
-- Whether a consumer holds each job that was looked for.
local isHeld = {}
-- Looks which jobs the consumers hold: of many jobs at once, since each consumer is asked.
local function lookForHolders(ids)
  local all = redis.call('ZRANGE', consumers, 0, -1)
  for i = 1, #ids do isHeld[ids[i]] = false end
  for i = 1, #all do
    local held = redis.pcall('HMGET', claimedPrefix .. all[i], unpack(ids))
    -- A key of another type holds no job: then it is an error, and not a list.
    for k = 1, #held do
      if held[k] then isHeld[ids[k]] = true end
    end
  end
end
local function isClaimed(id)
  if isHeld[id] == nil then lookForHolders({ id }) end
  return isHeld[id]
end
${TAKE_READY}-- Returns the place where a job waits: 'delayed', 'ready' or 'recovered'. Nothing if it does not wait.
local function placeOf(id)
  if redis.call('HEXISTS', jobs, id) == 0 then return end
  -- To tell that a job has ended is the longest search: it comes last.
  if redis.call('ZSCORE', delayed, id) then return 'delayed' end
  if isClaimed(id) or hasEnded(id) then return end
  local _, crashes = attemptsOf(id)
  return crashes > 0 and 'recovered' or 'ready'
end
-- Takes a job out of the place where it waits, and returns the place. Its record, its attempts and its status stay. Nothing
-- if it does not wait.
local function takeWaiting(id)
  local place = placeOf(id)
  if not place then return end
  if place == 'delayed' then
    redis.call('ZREM', delayed, id)
  elseif place == 'ready' then
    takeReady(id)
  else
    takeFromList(place, id)
  end
  if waitingCount() == 0 then redis.call('DEL', marker) end
  return place
end
`,
});
