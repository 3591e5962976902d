import type { Upgrade } from '../job/payload-options.js';

/** The version of data whose job names none. */
export const FIRST_VERSION = 1;

/** The options of a job class that say of which version its data is. */
export interface VersionOptions {
  readonly version?: number;
  readonly upgrade?: Upgrade;
}

/**
 * Lifts stored data to the version of its class; data of that version is returned as it is.
 *
 * @param from the version of the data; missing for the first one
 * @returns the data, or a promise of it if `upgrade` returns one
 */
export function lift(
  data: unknown,
  from = FIRST_VERSION,
  { version = FIRST_VERSION, upgrade }: VersionOptions,
): unknown {
  return upgrade && from < version ? upgrade(data, from) : data;
}
