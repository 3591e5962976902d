/** The keys and arguments of a script that asks whether a queue lets jobs start. */
export const ROOM_KEYS = ['limits', 'starts', 'consumers', 'meta'] as const;
export const ROOM_ARGS = ['claimedPrefix', 'ownLimits'] as const;

/**
 * Lua that tells whether a queue lets no job start now: it is held back, as many of its jobs run as may, or its window is full. It writes
 * nothing. It needs {@link ROOM_KEYS} and {@link ROOM_ARGS}, see the part `limits`; a queue without limits costs one read.
 */
export const QUEUE_ROOM = `
-- The times of starts: see the sliding window.
local function startAt(index)
  local at, ahead = string.match(redis.call('LRANGE', starts, index, index)[1] or '', '^(%d+) %d+ %d+ (%d+)$')
  return tonumber(at), tonumber(ahead)
end
-- The limits that count: those that were set, else the smaller ones of the options here, and of those of living consumers.
local function limitsNow()
  local set, least, slowest = unpack(redis.call('HMGET', limits, 'set', 'least', 'slowest'))
  local places, most, per = string.match(set or ownLimits, '^(%S+) (%S+) (%S+)')
  places, most, per = tonumber(places or ''), tonumber(most or ''), tonumber(per or '')
  if set then return places, most, per end
  local function isAlive(consumer)
    return tonumber(redis.call('ZSCORE', consumers, consumer) or 0) > now
  end
  local otherPlaces, holder = string.match(least or '', '^(%d+) (%S+)$')
  if otherPlaces and isAlive(holder) then places = math.min(places or math.huge, tonumber(otherPlaces)) end
  local otherMost, otherPer, slow = string.match(slowest or '', '^(%d+) (%d+) (%S+)$')
  if otherMost and isAlive(slow) and (not most or otherMost / otherPer < most / per) then
    most, per = tonumber(otherMost), tonumber(otherPer)
  end
  return places, most, per
end
local function countRunning()
  local running = 0
  for _, consumer in ipairs(redis.call('ZRANGE', consumers, 0, -1)) do
    running = running + redis.call('HLEN', claimedPrefix .. consumer)
  end
  return running
end
local function hasRoom()
  local heldUntil, known = unpack(redis.call('HMGET', meta, 'heldUntil', 'limits'))
  if tonumber(heldUntil or 0) > now then return false end
  if ownLimits == '' and known == '0' then return true end
  local places, most, per = limitsNow()
  if places and countRunning() >= places then return false end
  local first = most and startAt(-most)
  if not first then return true end
  local last, ahead = startAt(-1)
  return math.max(time[1] * 1000000 + time[2] + ahead, last) - first >= per
end
`;
