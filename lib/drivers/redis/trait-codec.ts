import type { JobTraits, UniqueKey } from '../job-traits.interface.js';

/** The letters of the traits in the hash `traits`: see the script part of that name. */
export const TRAIT = { priority: 'p', unique: 'u' } as const satisfies Record<keyof JobTraits, string>;

/** Returns a Lua pattern that finds the value of a trait. */
export function traitPattern(trait: keyof typeof TRAIT): string {
  return `\\n${TRAIT[trait]}([^\\n]*)`;
}

/** Encodes the traits of a job, a line for each; empty for none. */
export function encodeTraits({ priority, unique }: JobTraits): string {
  let text = '';
  if (priority !== undefined) text += `\n${TRAIT.priority}${priority}`;
  if (unique !== undefined) text += `\n${TRAIT.unique}${encodeKey(unique)}`;
  return text;
}

/** See the script part `unique`: the push script replaces the duration by the time of its end. */
function encodeKey({ key, until, for: duration }: UniqueKey): string {
  return `${until === 'start' ? 's' : 'e'}${duration === undefined ? '' : `+${Math.ceil(duration * 1000)}`} ${key}`;
}
