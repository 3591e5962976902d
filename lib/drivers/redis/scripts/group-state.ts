import { GROUP } from '../keys.js';
import { traitPattern } from '../trait-codec.js';

/** A Lua pattern that finds the group of a job in its traits. */
export const GROUP_OF = traitPattern('group');

/**
 * A Lua pattern that reads the state of a group. Its captures: `R` if the group is in the ring, else `.`; how many jobs stand in its list;
 * how many stale elements the ring has of it; how many stale elements its list has; its first job, empty if that stands in the list, too.
 */
export const GROUP_STATE = '^(.)(%d+):(%d+):(%d+) (%S*)';

/** Lua that makes the state. */
export const GROUP_TEXT = `(group.isInRing and 'R' or '.') .. group.behind .. ':' .. group.passed .. ':' .. group.stale .. ' ' .. (group.head or '')`;

/** Lua for the list of a group, and for the hash of its stale elements. @param name Lua */
export function keysOfGroup(name: string): string {
  return `ready .. '${GROUP}' .. ${name}, gone .. '${GROUP}' .. ${name}`;
}

/** Lua that returns how many ready jobs all groups have. It needs the key `groups`. */
export const COUNT_GROUPED = `tonumber(redis.call('HGET', groups, '') or 0)`;
