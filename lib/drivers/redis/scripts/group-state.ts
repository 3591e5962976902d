import { GROUP } from '../keys.js';
import { traitPattern } from '../trait-codec.js';

/** A Lua pattern that finds the group of a job in its traits. */
export const GROUP_OF = traitPattern('group');

/**
 * What a group does, as a byte: `R` it is in the ring; `B` as many of its jobs run as may; `O` a job holds it back that waits elsewhere; `T`
 * jobs of it wait until its window opens; `.` none of these.
 */
export const FLAGS = {
  inRing: byteOf('R'),
  full: byteOf('B'),
  held: byteOf('O'),
  gated: byteOf('T'),
  none: byteOf('.'),
};

/** Lua: whether a group lets none of its jobs start now. @param flag Lua for its flag */
export function isShutGroup(flag: string): string {
  return `${flag} ~= ${FLAGS.inRing} and ${flag} ~= ${FLAGS.none}`;
}

function byteOf(letter: string): number {
  return letter.charCodeAt(0);
}

/**
 * The state of a group, as `struct` packs it: that takes a third of the time of texts. Its flag; how many jobs stand in its list; its first
 * job, empty if that stands in the list, too; the ids of its jobs that consumers hold, a space behind each.
 */
const STATE = `'<BI4ss'`;

/**
 * What follows if a group has any of it: how many stale elements the ring has of it; how many its list has; how many jobs stand in its sorted
 * set; how many of its jobs were claimed since the last one of its lowest priority, while there were some; the ids of its jobs that wait
 * elsewhere, and hold the group back if it is ordered, a space behind each.
 */
const REST = `'<I4I4I4I4s'`;

/** Lua that reads the `text` of a state into locals. */
export const READ_STATE = `local flag, behind, head, running, ends = struct.unpack(${STATE}, text)
    local passed, stale, ranked, mixed, holders = 0, 0, 0, 0, ''
    if ends <= #text then passed, stale, ranked, mixed, holders = struct.unpack(${REST}, text, ends) end`;

/** Lua that makes the `text` of a state. */
export const WRITE_STATE = `local text = struct.pack(${STATE}, group.flag, group.behind, group.head, group.running)
      if group.passed + group.stale + group.ranked + group.mixed > 0 or group.holders ~= '' then
        text = text .. struct.pack(${REST}, group.passed, group.stale, group.ranked, group.mixed, group.holders)
      end`;

/**
 * A Lua pattern that reads the sums of all groups: ready jobs, those of them that may not start because of their groups, claimed jobs, jobs
 * that hold their groups.
 */
export const GROUP_SUMS = '^(%d+) (%d+) (%d+) (%d+)';

/** Lua for the sorted set of the jobs of a group with a priority. @param name Lua */
export function ranksOfGroup(name: string): string {
  return `priority .. '${GROUP}' .. ${name}`;
}

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
