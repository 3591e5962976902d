import { COMPLETED, EXPIRY, FAILED, FAILURES, JOBS, LOGS, OWN_TIME, TRAITS } from '../../keys.js';
import { noteInMeta, READ_OWNER, SECONDS, statusName, statusText } from '../fragments.js';
import { definePart } from '../part.js';
import { COMPLETED_HEAD } from './retain.part.js';

/** Of so many ids one command reads the records, and whose they are: a record may be large. */
const READ_AT_ONCE = 16;
/** The bytes that the wishes of a push begin with: the digits 0 and 1. */
const [KEEPS_ENDED, REPLACES_ENDED] = [48, 49];

/** The parts that take ids have this in common: it finds the job that has an id. */
export const HOLDERS = {
  keys: ['ready', 'jobs', 'givenIds', 'failed', 'completedIds', 'meta'],
  args: ['statusPrefix', 'statusTtl', 'queue', 'othersBase'],
  reads: `
redis.call('HLEN', givenIds)
S.listsFailed = redis.call('ZCARD', failed) > 0
redis.call('LLEN', completedIds)
redis.call('HLEN', meta)
`,
  helpers: `${READ_OWNER}local seconds, seen, owners, keptHere = ${SECONDS}, {}, {}, {}

local function nameIn(key, id)
  local record = redis.pcall('HGET', key, id)
  return type(record) == 'string' and string.match(record, '^%d+[hi]([^\\t\\n]*)') or nil
end
-- The elements of the completed jobs of a queue, by their ids. \`base\`: the beginning of its keys.
local completedOf = {}
local function completedIn(base)
  if not completedOf[base] then
    local elements = {}
    local all = redis.pcall('LRANGE', base .. '${COMPLETED}', 0, -1)
    for i = 1, all.err and 0 or #all do elements[string.sub(all[i], ${COMPLETED_HEAD + 1})] = all[i] end
    completedOf[base] = elements
  end
  return completedOf[base]
end
-- Tells whether a record belongs to a job that lives: the records of ended jobs are kept as well.
local function livesAt(base, id)
  return redis.pcall('HEXISTS', base .. '${JOBS}', id) == 1
    and type(redis.pcall('ZSCORE', base .. '${FAILED}', id)) ~= 'string'
    and not completedIn(base)[id]
end
local function livesIn(other, id)
  return othersBase ~= '' and livesAt(othersBase .. other, id)
end
-- Removes all that is kept of an ended job, except its status.
local function forgetEnded(base, id)
  redis.pcall('HDEL', base .. '${JOBS}', id)
  redis.pcall('ZREM', base .. '${FAILED}', id)
  if redis.pcall('ZREM', base .. '${EXPIRY}', id) == 1 then redis.pcall('ZREM', base .. '${OWN_TIME}', id) end
  redis.pcall('HDEL', base .. '${FAILURES}', id)
  redis.pcall('HDEL', base .. '${LOGS}', id)
  redis.pcall('HDEL', base .. '${TRAITS}', id)
  local element = completedIn(base)[id]
  if element then redis.pcall('LREM', base .. '${COMPLETED}', 1, element) end
end

-- What was read of ids: their owners, whether this queue has a job of this id, and their statuses.
local ownerTexts, isHere, statusTexts = {}, {}, {}
-- Reads that of many ids. Once one of them is here, it looks for each other one alone, and reads no further record.
local function lookForIds(ids)
  local anyIsHere = false
  for from = 1, #ids, ${READ_AT_ONCE} do
    local some, names = { unpack(ids, from, math.min(#ids, from + ${READ_AT_ONCE - 1})) }, {}
    for i = 1, #some do names[i] = statusPrefix .. some[i] end
    local owned, known = redis.call('HMGET', givenIds, unpack(some)), redis.call('MGET', unpack(names))
    local statuses = 0
    for i = 1, #some do statuses = statuses + (known[i] and 1 or 0) end
    if redis.call('EXISTS', unpack(names)) > statuses then
      -- Another program has the key of a status, with another type: then the id is taken.
      for i = 1, #some do known[i] = known[i] or redis.pcall('GET', names[i]) end
    end
    local records = not anyIsHere and redis.call('HMGET', jobs, unpack(some))
    for i = 1, #some do
      local id = some[i]
      ownerTexts[id], statusTexts[id] = owned[i], known[i]
      if records then isHere[id] = records[i] ~= false else isHere[id] = redis.call('HEXISTS', jobs, id) == 1 end
      anyIsHere = anyIsHere or isHere[id]
    end
  end
end
-- The queue of the job that has an id, its name as far as known, and whether it lives. Nothing if the id is free.
local function holderOf(id)
  if seen[id] then return queue, seen[id], true end
  local ownerQueue, ownerName
  if ownerTexts[id] then ownerQueue, ownerName = string.match(ownerTexts[id], '^(%S+) (.*)$') end
  if isHere[id] then
    if ownerQueue == queue then return queue, ownerName, true end
    if livesAt(ready, id) then return queue, nameIn(jobs, id), true end
    keptHere[id] = true
  end
  if ownerQueue and ownerQueue ~= queue and livesIn(ownerQueue, id) then return ownerQueue, ownerName, true end
  local text = statusTexts[id]
  if not text then return nil end
  local other, name = ownerIn(text)
  if not other or other == '' then other = queue end
  name = decodeName(name)
  if other ~= queue and livesIn(other, id) then return other, name or nameIn(othersBase .. other .. '${JOBS}', id), true end
  return other, name, false
end
-- Takes an id for a job with this name; an empty name is that of no job. \`holder\`: the queue of an ended job that has it.
local function takeId(id, name, holder, state)
  if keptHere[id] then
    forgetEnded(ready, id)
  elseif S.listsFailed then
    -- Older versions listed failed jobs without their records.
    redis.call('ZREM', failed, id)
  end
  if holder and holder ~= queue and othersBase ~= '' then forgetEnded(othersBase .. holder, id) end
  seen[id] = name
  if statusTtl ~= '0' then
    local text = ${statusText('state', '0')}
    if name ~= '' then text = text .. ${statusName('name')} end
    redis.call('SET', statusPrefix .. id, text .. '}')
  elseif holder then
    redis.call('UNLINK', statusPrefix .. id)
  end
end
local function noteOwner(id, name)
  owners[#owners + 1] = id
  owners[#owners + 1] = queue .. ' ' .. name
end
`,
} as const;

/**
 * Takes the ids that the application gave, for jobs that are about to be stored. An id is taken while its job lives, or its
 * status is kept. A job whose id is taken is skipped, and the reply names it: if the same job has it, in the same queue, as a
 * duplicate, otherwise as a conflict.
 *
 * If the job that has the id has ended and the push asks for that, its status is removed, and the id is free.
 *
 * Outside of a cluster the script looks into the queue that the id names as its own: `othersBase` is the beginning of its
 * keys. It reads such keys with `pcall`: an error behind the first write would lose the push.
 *
 * It needs the part `exceptions` before it.
 *
 * rest: behind the record of each job its facts: the wishes, then its traits, from the first line feed on. There are no wishes for an id
 * that no other push has. Else they are 1 to take the id of an ended job (else 0), and the name; then, behind a tab, the ticket of a wait.
 */
export const takeIds = definePart({
  name: 'take ids',
  ...HOLDERS,
  body: `
local ids = {}
for i = rest + answered, #ARGV, S.stride do
  local wish = string.byte(ARGV[i + 3])
  if wish == ${KEEPS_ENDED} or wish == ${REPLACES_ENDED} then ids[#ids + 1] = ARGV[i] end
end
lookForIds(ids)
`,
  on: {
    admitNew: `
local wish = string.byte(ARGV[i + 3])
isGiven = wish == ${KEEPS_ENDED} or wish == ${REPLACES_ENDED}
if isGiven then
  name, ticket = string.match(ARGV[i + 3], '^.([^\\t\\n]*)\\t?([^\\n]*)')
  local holderName, lives
  holder, holderName, lives = holderOf(id)
  S.skips = holder and (lives or wish ~= ${REPLACES_ENDED})
  if S.skips then
    if holder ~= queue or (holderName or '') ~= '' and name ~= '' and holderName ~= name then
      for _, value in ipairs({ id, name, holder, holderName or '' }) do S.conflicts[#S.conflicts + 1] = value end
    else
      noteDuplicate(i, id)
    end
  end
end
`,
    admitted: `
if isGiven then
  noteOwner(id, name)
  takeId(id, name, holder, delay > 0 and 'delayed' or 'queued')
end
`,
  },
});

/** Lua that notes the taken ids. */
export const NOTE_OWNERS = `if #owners > 0 then
  redis.call('HSET', givenIds, unpack(owners))
  ${noteInMeta('given')}
end
`;

/** Notes the taken ids. */
export const noteIds = definePart({
  name: 'note ids',
  keys: ['givenIds', 'meta'],
  body: `
${NOTE_OWNERS}`,
});
