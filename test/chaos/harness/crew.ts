import type { Chaos, WorkerWishes } from './chaos.js';
import { LONG } from './size.js';

/** So many workers for a fault of the network: processes at full size; else they are in the test's own, which start faster. */
export async function startCrew(chaos: Chaos, count: number, wishes: Omit<WorkerWishes, 'nodeArgs'>): Promise<void> {
  if (LONG) await chaos.workers(count, wishes);
  else await chaos.workersInside(count, wishes);
}
