import { GROUP } from '../keys.js';
import { traitPattern } from '../trait-codec.js';

/** A Lua pattern that finds the group of a job in its traits. */
export const GROUP_OF = traitPattern('group');

/**
 * What a group does: `R` it is in the ring; `B` as many of its jobs run as may; `O` a job holds it back that waits elsewhere; `T` jobs of it
 * wait until its window opens; `.` none of these.
 */
export const FLAGS = { inRing: 'R', full: 'B', held: 'O', gated: 'T', none: '.' } as const;

/**
 * A Lua pattern that reads the state of a group. Its captures: its flag; how many jobs stand in its list; how many stale elements the ring
 * has of it; how many stale elements its list has; its first job, empty if that stands in the list, too; the ids of its jobs that consumers
 * hold, a space behind each; in the same way the ids of those that wait elsewhere, and hold the group back if it is ordered.
 */
export const GROUP_STATE = '^(.)(%d+):(%d+):(%d+) (%S*)\\n?([^\\n]*)\\n?(.*)$';

/** Lua that makes the state. */
export const GROUP_TEXT = `group.flag .. group.behind .. ':' .. group.passed .. ':' .. group.stale .. ' ' .. (group.head or '') .. ((group.running ~= '' or group.holders ~= '') and '\\n' .. group.running or '') .. (group.holders ~= '' and '\\n' .. group.holders or '')`;

/**
 * A Lua pattern that reads the sums of all groups: ready jobs, those of them that may not start because of their groups, claimed jobs, jobs
 * that hold their groups.
 */
export const GROUP_SUMS = '^(%d+) (%d+) (%d+) (%d+)';

/** Lua for the list of a group, and for the hash of its stale elements. @param name Lua */
export function keysOfGroup(name: string): string {
  return `ready .. '${GROUP}' .. ${name}, gone .. '${GROUP}' .. ${name}`;
}

/** Lua that returns how many ready jobs all groups have, and how many of them may not start. It needs the key `groups`. */
export const COUNT_GROUPED = `
local function countGrouped()
  local waiting, blocked = string.match(redis.call('HGET', groups, '') or '0 0 0 0', '${GROUP_SUMS}')
  return tonumber(waiting), tonumber(blocked)
end
`;
