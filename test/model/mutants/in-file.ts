import type { Mutant } from './mutant.js';

/** Makes faults of one file. */
export function inFile(
  driver: Mutant['driver'],
  file: string,
): (name: string, find: string, replace: string) => Mutant {
  return (name, find, replace) => ({ name, file, find, replace, driver });
}
