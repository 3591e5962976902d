import type { QueueModuleOptions } from '../../../lib/index.js';

/** The environment variable with the options of a chaos process, as JSON. */
export const OPTIONS_VARIABLE = 'CHAOS_OPTIONS';

export interface ProcessOptions {
  /** The file of its history. */
  readonly history: string;
  /** Its options for `QueueModule.forRoot()`. */
  readonly queue: QueueModuleOptions;
  /** Lua that sets `now` in its scripts, in place of the clock of the server. */
  readonly scriptTime?: string;
  /** How far its clock is ahead of that of the machine, in milliseconds. */
  readonly clockAhead?: number;
}
