import { PRIORITY_CLASS } from '../../keys.js';
import { isPriorityAlone, TRAIT, traitPattern } from '../../trait-codec.js';
import { EXPIRE_META, noteInMeta } from '../fragments.js';
import { hook } from '../hooks.js';
import { definePart } from '../part.js';
import { NO_TRAITS } from './traits.part.js';

/**
 * Ready jobs with a priority other than 0. They stand in the sorted set `priority`; jobs of priority 0 stand in the list `ready`.
 *
 * A score is the turn of a job minus its priority times 2^42. So the highest priority comes first, and first in, first out within
 * one. Turns grow with each job, and follow the clock in ms: if a server has forgotten the last one, the next one is later. With turns
 * below 2^42 (the year 2109) and priorities from -1000 to 1000 each score is exact.
 *
 * A job that has a priority and no other trait needs no text in `traits` while it stands here, or is claimed. If it goes back to the
 * queue, its record tells the priority; if it waits for a time, it gets a text, since many jobs may become due at once.
 */
const PRIORITY = traitPattern('priority');
const HELPERS = `
local function scoreOf(value, turn)
  return string.format('%.0f', turn - value * ${PRIORITY_CLASS})
end
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
local function nextTurn()
  S.turn, S.hasNewTurn = math.max((S.turn or 0) + 1, now), true
  return S.turn
end
-- Puts a job at the end of its class in a sorted set, or at the front of its class.
local function placeByPriority(push, id, value, key)
  local turn = nextTurn()
  if push == 'LPUSH' then
    local from, to = scoreOf(value, 0), scoreOf(value - 1, 0)
    local first = redis.call('ZRANGE', key, from, '(' .. to, 'BYSCORE', 'LIMIT', 0, 1, 'WITHSCORES')[2]
    if first then turn = tonumber(first) + value * ${PRIORITY_CLASS} - 1 end
  end
  redis.call('ZADD', key, scoreOf(value, turn), id)
end
`;

/** Adds the jobs with a priority to those that wait. */
const COUNT = `
count = count + redis.call('ZCARD', priority)
`;

/** Lua that notes the last turn that was given, and that jobs are in the places of their priorities. */
export const NOTE_TURN = `redis.call('HSET', meta, 'turn', string.format('%.0f', S.turn), 'traits', '1')`;

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
  keys: ['priority', 'traits', 'jobs', 'meta'],
  meta: { turn: 'number' },
  reads: `
-- Where no turn was ever given, no job has a priority.
S.mayRank = S.turn ~= nil
S.byPriority = S.traits == '1' and redis.call('ZCARD', priority) or 0
S.apart = S.apart + S.byPriority
`,
  helpers: HELPERS,
  on: {
    place: `
local value = priorityOf(id, crashes)
if value ~= 0 then
  placeByPriority(push, id, value, priority)
  S.byPriority, S.apart, S.traits = S.byPriority + 1, S.apart + 1, '1'
  return
end
`,
    putOff: putOff(`S.traits = '1'`),
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
  keys: ['priority', 'ready', 'meta'],
  numbers: ['lowEach'],
  meta: { mixed: 'number' },
  helpers: `
-- Takes the first jobs of a range of the sorted set.
local function takeRange(from, to, count, taken)
  local ids = redis.call('ZRANGE', priority, from, to, 'BYSCORE', 'LIMIT', 0, count)
  if #ids == 0 then return end
  -- To remove the first ones by their rank takes no search.
  if from == '-inf' then redis.call('ZREMRANGEBYRANK', priority, 0, #ids - 1) else redis.call('ZREM', priority, unpack(ids)) end
  S.byPriority, S.apart = S.byPriority - #ids, S.apart - #ids
  for i = 1, #ids do taken[#taken + 1] = ids[i] end
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
    local lowest = -math.floor(redis.call('ZRANGE', priority, -1, -1, 'WITHSCORES')[2] / ${PRIORITY_CLASS})
    if lowest < 0 or S.depth == 0 then
      takeRange(scoreOf(lowest, 0), '+inf', owed, taken)
    else
      local popped = redis.call('LPOP', ready, owed)
      S.depth = S.depth - #popped
      ${hook('popped', `'ready'`, 'popped')}
      for i = 1, #popped do taken[#taken + 1] = popped[i] end
    end
  end
  if S.limit > #taken then takeRange('-inf', '(0', S.limit - #taken, taken) end
end
`,
    lastSource: `
if S.mixes and S.limit > #taken then takeRange('-inf', '+inf', S.limit - #taken, taken) end
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
if S.hasNewTurn then ${NOTE_TURN} end
`,
});

/** Puts new jobs into their classes. It needs the part `take traits` before it. */
export const pushByPriority = definePart({
  name: 'push by priority',
  keys: ['priority', 'jobs', 'meta'],
  meta: { turn: 'number' },
  reads: `
redis.call('ZCARD', priority)
local placed = {}
`,
  helpers: HELPERS,
  on: {
    placeNew: `
local text = not isPlaced and traitTexts[id]
local value = text and tonumber(${isPriorityAlone('text')} and string.sub(text, 3) or string.match(text, '${PRIORITY}'))
if value then
  placed[#placed + 1] = scoreOf(value, nextTurn())
  placed[#placed + 1] = id
  isPlaced = true
end
`,
    pushed: `
if #placed > 0 then
  redis.call('ZADD', priority, unpack(placed))
  ${NOTE_TURN}
  if S.traits ~= '1' then
    ${EXPIRE_META}
  end
end
`,
  },
});

/** Knows the places of jobs with a priority in scripts that are seldom. It needs the part `know traits` before it. */
export const moveByPriority = definePart({
  name: 'move by priority',
  keys: ['priority', 'traits', 'jobs', 'meta'],
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
  placeByPriority(push, id, value, priority)
  ${NOTE_TURN}
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

/** Takes ready jobs with a priority out of their place. */
export const takeByPriority = definePart({
  name: 'take by priority',
  keys: ['priority'],
  reads: `
redis.call('ZCARD', priority)
`,
  on: {
    takeReady: `
if redis.call('ZREM', priority, id) == 1 then return end
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
  keys: ['priority', 'meta'],
  reads: `
redis.call('ZCARD', priority)
`,
  on: {
    countWaiting: COUNT,
    removing: `
redis.call('UNLINK', priority)
redis.call('HDEL', meta, 'mixed')
`,
  },
});

/** Drops ready jobs with a priority where a queue is cleared. */
export const clearByPriority = definePart({
  name: 'clear by priority',
  keys: ['priority'],
  reads: `
redis.call('ZCARD', priority)
`,
  on: {
    countWaiting: COUNT,
    placeToClear: `
if place == 'prioritized' then key, isList = priority, false end
`,
  },
});
