import { PRIORITY_CLASS } from '../../keys.js';
import { keysOfLevel } from '../levels.js';
import { isPriorityAlone, MAY_HAVE, mayHave, TRAIT, traitPattern } from '../../trait-codec.js';
import { EXPIRE_META, noteInMeta } from '../fragments.js';
import { hook } from '../hooks.js';
import { definePart } from '../part.js';
import { NO_TRAITS, WITH_PRIORITY } from './traits.part.js';

/**
 * Ready jobs with a priority other than 0 and no group: see `levels.ts`. Jobs of priority 0 stand in the list `ready`. An element is taken out
 * of the list of a priority as out of that list: see the part `stale elements`.
 *
 * Within a group such jobs stand in a sorted set, since most groups have few jobs. A score is the turn of a job minus its priority times 2^42.
 * So the highest priority comes first, and first in, first out within one. Turns grow with each job, and follow the clock in ms: if a server
 * has forgotten the last one, the next one is later. With turns below 2^42 (the year 2109) and priorities from -1000 to 1000 each score is
 * exact.
 *
 * A job that has a priority and no other trait needs no text in `traits` while it stands here, or is claimed. If it goes back to the
 * queue, its record tells the priority; if it waits for a time, it gets a text, since many jobs may become due at once.
 */
export const PRIORITY = traitPattern('priority');

/** Lua that tells the priority by which a job is placed. It needs a part that knows traits. */
const READ_PRIORITY = `
-- The priority in the header line of a record, as a text of traits; empty for none.
local function priorityText(record)
  local options = string.match(record or '', '^%d*[hi][^\\t\\n]*\\t([^\\n]*)')
  local value = options and string.match(options, '"p":(-?%d+)')
  return value and '\\n${TRAIT.priority}' .. value or ''
end
-- The priority by which a job is placed: the worker of a recovered one was lost, and it stands elsewhere.
local function priorityOf(id, crashes)
  if crashes > 0 then return 0 end
  local value = traitOf(id, '${PRIORITY}')
  if not value and S.mayRank and not traitTexts[id] then
    value = string.match(priorityText(redis.call('HGET', jobs, id)), '${PRIORITY}')
  end
  return tonumber(value or 0)
end
`;

const HELPERS = `${READ_PRIORITY}local function scoreOf(value, turn)
  return string.format('%.0f', turn - value * ${PRIORITY_CLASS})
end
local function nextTurn()
  S.turn, S.hasNewTurn = math.max((S.turn or 0) + 1, now), true
  return S.turn
end
-- Puts a job at the end of its priority in the sorted set of a group, or at the front of its priority.
local function placeByPriority(push, id, value, key)
  local turn = nextTurn()
  if push == 'LPUSH' then
    local from, to = scoreOf(value, 0), scoreOf(value - 1, 0)
    local first = redis.call('ZRANGE', key, from, '(' .. to, 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')[2]
    if first then turn = tonumber(first) + value * ${PRIORITY_CLASS} - 1 end
  end
  redis.call('ZADD', key, scoreOf(value, turn), id)
end
-- Puts a job without a group at the end of its priority, or at the front of it. Returns 1 if it is the only one, else 0.
local function placeInLevel(push, id, value)
  local list = ${keysOfLevel('value')}
  redis.call(push, list, id)
  return redis.call('ZADD', priority, -value, value)
end
`;

/** Adds the number of priorities of ready jobs to the count of waiting jobs. */
const COUNT = `
count = count + redis.call('ZCARD', priority)
`;

/** Lua that notes the last turn that was given, and which traits jobs may have. @param told Lua: see `MAY_HAVE` */
function noteTurn(told: string): string {
  return `redis.call('HSET', meta, 'turn', string.format('%.0f', S.turn), 'traits', ${told})`;
}

/** The same in scripts that do not know which traits jobs may have. */
export const NOTE_TURN = noteTurn(`'${MAY_HAVE.anything}'`);

/** Lua that notes in such scripts that jobs are in the places of their priorities: a turn says that some have one. */
export const NOTE_LEVELS = `S.turn, S.mayRank = S.turn or now, true
${NOTE_TURN}`;

/** Lua that gives a job, which is about to wait for a time, a text with its priority. @param note Lua that notes that jobs have traits */
function putOff(note: string): string {
  return `
local value = priorityOf(id, crashes)
if value ~= 0 and not traitTexts[id] then
  redis.call('HSET', traits, id, '\\n${TRAIT.priority}' .. value)
  ${note}
end
`;
}

/** The places of ready jobs with a priority in a poll. It needs the part `traits` before it. A queue without traits sends no further command. */
export const priorities = definePart({
  name: 'priorities',
  unused: NO_TRAITS,
  keys: ['priority', 'ready', 'gone', 'traits', 'jobs', 'meta'],
  meta: { turn: 'number' },
  reads: `
-- How many priorities there are.
S.byPriority = S.traits ~= '${MAY_HAVE.nothing}' and redis.call('ZCARD', priority) or 0
if S.byPriority > 0 and not S.turn then S.turn, S.hasNewTurn = now, true end
-- Where no turn was ever given, no job has a priority.
S.mayRank = S.turn ~= nil
S.apart = S.apart + S.byPriority
`,
  helpers: HELPERS,
  on: {
    place: `
local value = priorityOf(id, crashes)
if value ~= 0 then
  local isNew = placeInLevel(push, id, value)
  S.byPriority, S.apart, S.traits = S.byPriority + isNew, S.apart + isNew, ${WITH_PRIORITY}
  if not S.turn then nextTurn() end
  return
end
`,
    putOff: putOff(`S.traits = ${WITH_PRIORITY}`),
  },
});

/**
 * Claims by priority: behind recovered jobs the highest ones, then the list `ready`, then those below 0.
 *
 * Lower priorities are not starved: one of `lowEach` claimed jobs is the oldest one of the lowest priority that is there, the list
 * `ready` included. `lowEach`: 0 for none.
 */
export const claimByPriority = definePart({
  name: 'claim by priority',
  unused: NO_TRAITS,
  keys: ['priority', 'ready', 'gone', 'meta'],
  numbers: ['lowEach'],
  meta: { mixed: 'number' },
  helpers: `
-- Takes the first jobs of a priority. Returns whether it has no further one.
local function takeLevel(value, count, taken)
  local list = ${keysOfLevel('value')}
  local popped = redis.call('LPOP', list, count) or {}
  ${hook('popped', 'value', 'popped')}
  for i = 1, #popped do taken[#taken + 1] = popped[i] end
  local left = redis.call('LLEN', list)
  if S.hasGone then left = endStale(value, left) end
  if left > 0 then return false end
  redis.call('ZREM', priority, value)
  S.byPriority, S.apart = S.byPriority - 1, S.apart - 1
  return true
end
-- Takes jobs of the highest priorities first, of those with scores up to one.
local function takeLevels(to, taken)
  while S.limit > #taken do
    local value = redis.call('ZRANGE', priority, '-inf', to, 'BYSCORE', 'LIMIT', 0, 1)[1]
    if not value or not takeLevel(value, S.limit - #taken, taken) then return end
  end
end
`,
  on: {
    source: `
S.mixes = S.byPriority > 0 and S.limit > #taken
S.beforeMix = #taken
if S.mixes then
  local want = S.limit - #taken
  local owed = lowEach > 0 and math.floor(((S.mixed or 0) % lowEach + want) / lowEach) or 0
  if owed > 0 then
    local lowest = redis.call('ZRANGE', priority, -1, -1)[1]
    if tonumber(lowest) < 0 or S.depth == 0 then
      takeLevel(lowest, owed, taken)
    else
      local popped = redis.call('LPOP', ready, owed)
      S.depth = S.depth - #popped
      ${hook('popped', `'ready'`, 'popped')}
      for i = 1, #popped do taken[#taken + 1] = popped[i] end
    end
  end
  takeLevels('(0', taken)
end
`,
    lastSource: `
if S.mixes then takeLevels('+inf', taken) end
`,
    claimed: `
if S.mixes then redis.call('HSET', meta, 'mixed', (S.mixed or 0) + #ids - S.beforeMix) end
`,
    waking: `
quiet = quiet and S.byPriority == 0
`,
    answering: `
if S.byPriority > 0 then S.isRanked = true end
`,
  },
  body: `
if S.hasNewTurn then ${noteTurn('S.traits')} end
`,
});

/** Puts new jobs into their classes. It needs the part `take traits` before it. */
export const pushByPriority = definePart({
  name: 'push by priority',
  keys: ['priority', 'ready', 'gone', 'jobs', 'meta'],
  meta: { turn: 'number' },
  reads: `
redis.call('ZCARD', priority)
-- The new jobs of each priority, and the priorities with their scores.
local newOfLevel, newLevels = {}, {}
`,
  helpers: HELPERS,
  on: {
    placeNew: `
local value = not isPlaced and S.newKind
if value then
  if ${isPriorityAlone('value')} then value = string.sub(S.newTraits, 3) else value = ${mayHave('S.newTraits', 'priority')} and string.match(S.newTraits, '${PRIORITY}') end
end
if value then
  local ids = newOfLevel[value]
  if ids then
    ids[#ids + 1] = id
  else
    newOfLevel[value] = { id }
    newLevels[#newLevels + 1] = -value
    newLevels[#newLevels + 1] = value
  end
  isPlaced = true
end
`,
    pushed: `
if #newLevels > 0 then
  for i = 2, #newLevels, 2 do
    local value = newLevels[i]
    local list = ${keysOfLevel('value')}
    redis.call('RPUSH', list, unpack(newOfLevel[value]))
  end
  redis.call('ZADD', priority, unpack(newLevels))
  local told = ${WITH_PRIORITY}
  if S.traits ~= told or not S.turn then
    S.turn, S.mayRank, S.traits = S.turn or now, true, told
    ${noteTurn('told')}
    ${EXPIRE_META}
  end
end
`,
  },
});

/** Knows the places of jobs with a priority in scripts that are seldom. It needs the part `know traits` before it. */
export const moveByPriority = definePart({
  name: 'move by priority',
  keys: ['priority', 'ready', 'gone', 'traits', 'jobs', 'meta'],
  meta: { turn: 'number' },
  reads: `
redis.call('ZCARD', priority)
redis.call('HLEN', traits)
redis.call('HLEN', jobs)
S.mayRank = true
`,
  helpers: HELPERS,
  on: {
    place: `
local value = priorityOf(id, crashes)
if value ~= 0 then
  placeInLevel(push, id, value)
  ${NOTE_LEVELS}
  return
end
`,
  },
});

/** Gives jobs that an operator puts off their priority as a trait. It needs the part `move by priority` before it. */
export const putOffByPriority = definePart({
  name: 'put off by priority',
  keys: ['traits', 'meta'],
  on: { putOff: putOff(noteInMeta('traits')) },
});

/** Knows the priorities of jobs in scripts that place none. It needs the part `know traits` before it. */
export const knowPriorities = definePart({
  name: 'know priorities',
  keys: ['traits', 'jobs'],
  reads: `
redis.call('HLEN', traits)
redis.call('HLEN', jobs)
`,
  helpers: READ_PRIORITY,
});

/** Takes ready jobs with a priority out of their place. It needs a part that knows priorities before it. */
export const takeByPriority = definePart({
  name: 'take by priority',
  keys: ['priority'],
  reads: `
S.mayRank = redis.call('ZCARD', priority) > 0 or S.mayRank
`,
  on: {
    takeReady: `
local value = S.mayRank and priorityOf(id, 0) or 0
if value ~= 0 then return takeFromList(string.format('%d', value), id) end
`,
    countWaiting: COUNT,
  },
});

/** Counts the ready jobs with a priority. */
export const countByPriority = definePart({
  name: 'count by priority',
  keys: ['priority'],
  reads: `
redis.call('ZCARD', priority)
`,
  on: { countWaiting: COUNT },
});

/** Removes the places of jobs with a priority with their queue. */
export const removePriorities = definePart({
  name: 'remove priorities',
  keys: ['priority', 'ready', 'gone', 'meta'],
  reads: `
redis.call('ZCARD', priority)
`,
  on: {
    countWaiting: COUNT,
    removing: `
for _, value in ipairs(redis.call('ZRANGE', priority, 0, -1)) do redis.call('UNLINK', ${keysOfLevel('value')}) end
redis.call('UNLINK', priority)
redis.call('HDEL', meta, 'mixed')
`,
  },
});

/** Drops ready jobs with a priority where a queue is cleared. */
export const clearByPriority = definePart({
  name: 'clear by priority',
  keys: ['priority', 'ready', 'gone'],
  reads: `
redis.call('ZCARD', priority)
`,
  on: {
    countWaiting: COUNT,
    placeToClear: `
if list == 'prioritized' then
  -- The jobs that stay may be those of several priorities.
  for _, value in ipairs(redis.call('ZRANGE', priority, 0, -1)) do
    list = value
    local key = ${keysOfLevel('value')}
    local length = redis.call('LLEN', key)
    if skip < length then break end
    skip = skip - length
  end
end
`,
  },
});
