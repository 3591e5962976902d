import type { QueueModuleOptions } from '../../../lib/index.js';

/** What a process of a chaos test is told, as JSON in this variable of its environment. */
export const ORDERS = 'CHAOS_ORDERS';

export interface Orders {
  /** The file that its history goes to. */
  readonly history: string;
  /** What it gives to `QueueModule.forRoot()`. */
  readonly queue: QueueModuleOptions;
  /** Lua that sets `now` in its scripts, in place of the server's clock. */
  readonly scriptTime?: string;
}
