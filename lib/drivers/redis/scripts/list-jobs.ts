/** The most elements that one script looks at, and the most bytes of their records: Redis serves no other client meanwhile. */
const LOOKED_AT = 500;
const BYTES = 512 * 1024;
/** The number of records that are read at once. */
const SLICE = 50;

/** The number of elements of a place that are read at once. */
export const WINDOW = 500;

/** Lua: `windowOf(key, at, step)` returns the next elements of a list, from an index on, forwards (1) or backwards (-1). */
export const LIST_WINDOW = `
local function windowOf(key, at, step)
  if step == 1 then return redis.call('LRANGE', key, at, at + ${WINDOW - 1}) end
  local elements, back = {}, redis.call('LRANGE', key, math.max(at - ${WINDOW - 1}, 0), at)
  for i = #back, 1, -1 do elements[#elements + 1] = back[i] end
  return elements
end
`;

/** The keys and arguments of each script that lists jobs. */
export const LISTING_KEYS = ['jobs', 'attempts', 'failures', 'progress'] as const;
export const LISTING_ARGS = ['statusPrefix', 'states', 'limit', 'skip', 'name', 'tag', 'search'] as const;
export const LISTING_NUMBERS = ['limit', 'skip'] as const;

/**
 * Lua that looks at jobs in turn, until the page is full or the script has done enough.
 *
 * `states`: the wanted ones, with a comma around each. `name`, `tag` (as JSON text), `search`: empty without a filter.
 * `look(ids, stateOf, valuesOf)` looks at jobs: `stateOf(i, wasTried)` returns the state of a job, or nothing to leave it out;
 * `valuesOf(i)` what the list knows of it. It returns how many jobs it looked at.
 * `answer(cursor)` makes the reply: the time in ms, the number of skipped jobs, the cursor (empty at the end of the list), then for
 * each job its id, state, record, attempts, status, failures, progress (empty texts for nothing), and two values of the list.
 */
export const LISTING = `
local hasAttempts = redis.call('HLEN', attempts) > 0
local chosen, isChosen, skipped, seen, bytes = {}, {}, 0, 0, 0
local function isFull()
  return #chosen >= limit or seen >= ${LOOKED_AT} or bytes >= ${BYTES}
end
local isFiltered = name ~= '' or tag ~= '' or search ~= ''
local function isWanted(state)
  return string.find(states, ',' .. state .. ',', 1, true) ~= nil
end
-- Whether all jobs of a place match that has these states before and after a first attempt.
local function allMatch(untried, tried)
  return not isFiltered and isWanted(untried) and (not hasAttempts or isWanted(tried))
end
-- Whether the options and labels of a record list the tag. A text in them cannot contain a bare quotation mark.
local function hasTag(header)
  if not string.find(header, tag, 1, true) then return false end
  local _, at = string.find(header, '"g":[', string.find(header, '\\t', 1, true) or #header, true)
  while at and string.byte(header, at + 1) == 34 do
    local from, stop = at + 1, at + 2
    while stop do
      stop = string.find(header, '["\\\\]', stop)
      if not stop or string.byte(header, stop) == 34 then break end
      stop = stop + 2
    end
    if not stop then return false end
    if string.sub(header, from, stop) == tag then return true end
    at = string.byte(header, stop + 1) == 44 and stop + 1
  end
  return false
end
local function matches(id, record)
  if not isFiltered then return true end
  local header = string.match(record, '^%d*([^\\n]*)') or ''
  if name ~= '' and string.match(header, '^[hi]([^\\t]*)') ~= name then return false end
  if tag ~= '' and not hasTag(header) then return false end
  return search == '' or string.find(id, search, 1, true) ~= nil or string.find(record, search, 14, true) ~= nil
end
local function look(ids, stateOf, valuesOf)
  local at = 0
  while at < #ids and not isFull() do
    local from, to = at + 1, math.min(at + ${SLICE}, #ids)
    local records = redis.call('HMGET', jobs, unpack(ids, from, to))
    local counts = hasAttempts and redis.call('HMGET', attempts, unpack(ids, from, to)) or {}
    for i = from, to do
      if isFull() then return at end
      at, seen = i, seen + 1
      local record, count = records[i - from + 1], counts[i - from + 1]
      if record and not isChosen[ids[i]] then
        bytes = bytes + #record
        local tries, crashes = string.match(count or '', '^(%d+):(%d+):')
        local state = stateOf(i, tonumber(tries or 0) + tonumber(crashes or 0) > 0)
        if state and isWanted(state) and matches(ids[i], record) then
          if skipped < skip then
            skipped = skipped + 1
          else
            isChosen[ids[i]] = true
            chosen[#chosen + 1] = { ids[i], state, record, count or '', valuesOf(i) }
          end
        end
      end
    end
  end
  return at
end
local function answer(cursor)
  local reply, ids, statuses = { now, skipped, cursor }, {}, {}
  for i = 1, #chosen do
    ids[i] = chosen[i][1]
    -- Another program may have put a key of another type here.
    local status = redis.pcall('GET', statusPrefix .. ids[i])
    statuses[i] = type(status) == 'string' and status or ''
  end
  if #ids == 0 then return reply end
  local failed = redis.call('HMGET', failures, unpack(ids))
  local told = redis.call('HMGET', progress, unpack(ids))
  for i = 1, #ids do
    local id, state, record, count, first, second = unpack(chosen[i])
    for _, value in ipairs({ id, state, record, count, statuses[i], failed[i] or '', told[i] or '', first or '', second or '' }) do
      reply[#reply + 1] = value
    end
  end
  return reply
end
`;

/**
 * Lua that tells which state ready jobs have. It stands behind `LISTING` and `QUEUE_ROOM`.
 *
 * `stateOfReady(wasTried, isBlocked)` returns the state of a job; `isBlocked`: whether its group keeps it from starting. `isReadyWanted(isBlocked)`
 * tells whether such jobs can be in a wanted state. `crashesOfWaiting(id)` returns the number of crashes of a job of which a list has stale
 * elements; nothing if the job has ended, is delayed, or is claimed. It needs the key `delayed`.
 */
export const READY_STATES = `
local function crashesOfWaiting(id)
  local status = redis.pcall('GET', statusPrefix .. id)
  local state = type(status) == 'string' and string.match(status, '"status":"(%a+)"')
  if state == 'cancelled' or state == 'failed' or state == 'completed' then return nil end
  if redis.call('ZSCORE', delayed, id) then return nil end
  for _, consumer in ipairs(redis.call('ZRANGE', consumers, 0, -1)) do
    if redis.call('HEXISTS', claimedPrefix .. consumer, id) == 1 then return nil end
  end
  local _, crashes = string.match(redis.call('HGET', attempts, id) or '', '^(%d+):(%d+):')
  return tonumber(crashes or 0)
end
local isShut = not hasRoom()
local function stateOfReady(wasTried, isBlocked)
  if isShut or isBlocked then return 'blocked' end
  return wasTried and 'retrying' or 'queued'
end
local function isReadyWanted(isBlocked)
  return isWanted(stateOfReady(false, isBlocked)) or hasAttempts and isWanted(stateOfReady(true, isBlocked))
end
`;

/** The number of values of each job in the reply. */
export const VALUES_OF_JOB = 9;
