import type { JobTraits } from '../job-traits.interface.js';

/** The letters of the traits in the hash `traits`: see the script part of that name. */
export const TRAIT = { priority: 'p' } as const satisfies Record<keyof JobTraits, string>;

/** Returns a Lua pattern that finds the value of a trait. */
export function traitPattern(trait: keyof typeof TRAIT): string {
  return `\\n${TRAIT[trait]}([^\\n]*)`;
}

/** Encodes the traits of a job, a line for each; empty for none. */
export function encodeTraits({ priority }: JobTraits): string {
  let text = '';
  if (priority !== undefined) text += `\n${TRAIT.priority}${priority}`;
  return text;
}
