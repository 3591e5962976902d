import { closest } from '../../support/closest.js';
import type { QueueTools } from './queue-tools.js';

/** Tells if nothing was ever pushed to a queue, and a queue with a near name is there. It may be that the queue is new. */
export async function noteUnknownQueue({ driver, io }: QueueTools, queue: string): Promise<void> {
  const known = await driver.queues();
  if (known.includes(queue)) return;
  const meant = closest(queue, known);
  io.writeError(`queue: no job was ever pushed to ${queue}${meant === undefined ? '' : `: did you mean ${meant}?`}\n`);
}
