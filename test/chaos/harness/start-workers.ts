import type { Chaos, StartOptions } from './chaos.js';
import { LONG } from './size.js';

/** Starts workers for a fault of the network: as processes at full size, else in the process of the test, which is faster. */
export async function startWorkers(
  chaos: Chaos,
  count: number,
  options: Omit<StartOptions, 'nodeArgs'>,
): Promise<void> {
  if (LONG) await chaos.workers(count, options);
  else await chaos.workersInProcess(count, options);
}
