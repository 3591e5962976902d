import { LEVEL } from '../keys.js';

/**
 * The ready jobs without a group that have a priority other than 0. Those of each priority stand in a list of their own, and the sorted set
 * `priority` has the priorities of which there is a list: it is short, and a list takes a quarter of the memory of a sorted set with the jobs.
 */

/** Lua for the list of a priority, and for the hash of its stale elements. @param value Lua: the priority as text */
export function keysOfLevel(value: string): string {
  return `ready .. '${LEVEL}' .. ${value}, gone .. '${LEVEL}' .. ${value}`;
}

/** Lua that counts these jobs, and those of any list without its stale elements. It needs the keys `priority`, `ready` and `gone`. */
export const COUNT_PRIORITIZED = `
local function liveLength(list, goneKey)
  return math.max(0, redis.call('LLEN', list) - (redis.call('HGET', goneKey, '~') or 0))
end
local function countPrioritized()
  local count = 0
  for _, value in ipairs(redis.call('ZRANGE', priority, 0, -1)) do
    count = count + liveLength(${keysOfLevel('value')})
  end
  return count
end
`;
