/**
 * A time in milliseconds as text, or another whole number of at least eight digits. The format of a fraction, which shows such a number
 * too, takes Redis thrice as long: longer than a command.
 */
export function bigText(number: string): string {
  return `string.format('%d%07d', (${number} - ${number} % 1e7) / 1e7, ${number} % 1e7)`;
}

/** The same of a number that may be 0. */
export function bigTextOrZero(number: string): string {
  return `${number} > 0 and ${bigText(number)} or '0'`;
}

/** The time in seconds, as text. */
export const SECONDS = `string.format('%d', (now - now % 1000) / 1000)`;

/** The attempts of a job that waits anew: none, no crash, a known name; since now; not released. */
export const ANEW = `string.format('0:0:0:%.0f:0', now)`;

/** How long `meta` is kept after the last sign of life, and after the end of a pause or a hold, in milliseconds. */
export const META_KEPT = 86_400_000;

/** Lua that lets `meta` expire when the queue was left alone for a day. A pause and a hold keep it for as long as they last. */
export const EXPIRE_META = `local paused, held, groupsHeld = unpack(redis.call('HMGET', meta, 'paused', 'heldUntil', 'groupsHeldUntil'))
  local left = math.max(tonumber(held or 0) - now, tonumber(groupsHeld or 0) - now, 0) + ${META_KEPT}
  if not paused then redis.call('PEXPIRE', meta, string.format('%.0f', left)) end`;

/** Lua that notes in `meta` that jobs of this queue have something, until the queue was left alone for a day. */
export function noteInMeta(field: string): string {
  return `redis.call('HSET', meta, '${field}', '1')
  ${EXPIRE_META}`;
}

/**
 * Lua that adds fields to a hash that is a hash table from its birth. In a listpack, which Redis makes of a small hash, each look-up is a search.
 * A long value makes the hash a table, and it stays one.
 *
 * @param entries Lua: fields and values, at least one of each
 */
export function fillTable(key: string, entries: string): string {
  return `if redis.call('HLEN', ${key}) == 0 then
    redis.call('HSET', ${key}, '~', string.rep('~', 65), unpack(${entries}))
    redis.call('HDEL', ${key}, '~')
  else
    redis.call('HSET', ${key}, unpack(${entries}))
  end`;
}

/** The longest list of completed jobs that is read at once: a longer one is searched where a job may be. */
export const SEARCHED = 1_000;
/** By so many milliseconds the clock of a server may be set back between the push of a job and its end. */
const SET_BACK = 5_000;

/** Finds where the element of a job may be in the list of completed jobs: none ends before its push. Needs `completedIds`. */
export const COMPLETED_SINCE = `
local function completedLength()
  return redis.call('LLEN', completedIds)
end
-- The number of elements in front of those that may be of a job with this record.
local function completedSince(record)
  local time = (tonumber(string.sub(record or '', 1, 13)) or 0) - ${SET_BACK}
  local low, high = 0, completedLength()
  while low < high do
    local middle = math.floor((low + high) / 2)
    local element = redis.call('LRANGE', completedIds, middle, middle)[1]
    if (tonumber(string.sub(element, 1, 13)) or 0) < time then low = middle + 1 else high = middle end
  end
  return low
end
`;

/**
 * Counts failed jobs. Needs `failed`, `expiry`, `ownTime`, `failedTtl`: see the part `retain`.
 *
 * `overdueCount()`: those whose time is over and not removed yet, without those that have a time of their own; `keptFailed()`: all
 * whose time is not over.
 */
export const KEPT_FAILED = `
local function overdueCount()
  local latest = string.format('%.3f', now / 1000 - failedTtl)
  return redis.call('ZCOUNT', failed, '-inf', latest) - redis.call('ZCOUNT', ownTime, '-inf', latest)
end
local function keptFailed()
  if redis.call('ZCARD', expiry) == 0 then
    return redis.call('ZCOUNT', failed, string.format('(%.3f', now / 1000 - failedTtl), '+inf')
  end
  return redis.call('ZCARD', failed) - overdueCount() - redis.call('ZCOUNT', expiry, '-inf', now / 1000)
end
`;

/**
 * Returns the text of a status, as Lua that needs `queue`, and `seconds` for the time. It has no brace at its end, so
 * that an error can follow.
 *
 * @param state Lua, as `attempt`
 */
export function statusText(state: string, attempt: string): string {
  return `'{"status":"' .. ${state} .. '","updated_at":' .. seconds .. ',"queue":"' .. queue .. '","attempt":' .. ${attempt}`;
}

/** Returns the name in a status, which follows the text of the status. @param name Lua */
export function statusName(name: string): string {
  return `',"name":' .. cjson.encode(${name})`;
}

/**
 * Reads the queue and the name in a status, as Lua: `ownerIn(text)` returns the queue, and the name as JSON text without its
 * quotation marks; nothing if another program wrote the status. It does not decode the whole text: cjson refuses halves of
 * characters and deep values, which an error or a progress may contain.
 */
export const READ_OWNER = `
local function ownerIn(text)
  if type(text) ~= 'string' then return nil end
  local owner, from = string.match(text, '^{"status":"%l+","updated_at":%d+,"queue":"([^"\\\\]*)","attempt":%d+()')
  local _, start = string.find(text, '^,"name":"', from)
  if not owner or not start then return owner end
  local at = start + 1
  while true do
    local stop = string.find(text, '["\\\\]', at)
    if not stop then return owner end
    if string.byte(text, stop) == 34 then return owner, string.sub(text, start + 1, stop - 1) end
    at = stop + 2
  end
end
local function decodeName(json)
  local isRead, list = pcall(cjson.decode, '["' .. (json or '') .. '"]')
  return json and isRead and list[1] or nil
end
`;

/**
 * The beginning of the progress in a status. It is the last field. It cannot be part of a text: there a quotation mark follows a
 * backslash.
 */
export const PROGRESS_IN_STATUS = ',"progress":';

/** The beginning of the result in a status, in front of the progress. */
export const RESULT_IN_STATUS = ',"result":';

/**
 * Returns the error in a status, which follows the text of the status. @param errorText Lua that evaluates to JSON text
 */
export function statusError(errorText: string): string {
  return `',"error":' .. ${errorText}`;
}
