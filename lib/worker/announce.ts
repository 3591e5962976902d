import type { SessionOptions } from './session.interface.js';

/** Where the worker tells what it does. */
export interface Announcement {
  /** The sessions of the worker. */
  readonly sessions: readonly SessionOptions[];
  /** The place of the jobs. */
  readonly address: string;
  /** The queues that job classes name. */
  readonly jobQueues: readonly string[];
}

/**
 * Makes the lines that a worker logs when it starts: what it does, and warnings of queues that job classes of this application name
 * and that it does not work.
 */
export function announce({ sessions, address, jobQueues }: Announcement): { line: string; warnings: string[] } {
  const { strict, concurrency, isPool, isEvery } = sessions[0]!;
  if (isEvery) return { line: `Working every queue, in turn; concurrency ${concurrency}; ${address}`, warnings: [] };
  const queues = sessions.flatMap((session) => session.queues);
  const several = queues.length > 1;
  const order = several && !isPool ? (strict ? ', in this order' : ', in turn') : '';
  const slots = isPool ? sessions.map((pool) => pool.concurrency).join(' and ') : concurrency;
  return {
    line: `Working queue${several ? 's' : ''} ${queues.join(', ')}${order}; concurrency ${slots}; ${address}`,
    warnings: jobQueues
      .filter((queue) => !queues.includes(queue))
      .map(
        (queue) => `Queue ${queue} is named by a job class, but this worker does not work it: another worker has to`,
      ),
  };
}
