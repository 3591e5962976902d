import type { Application } from './application.js';

/** Returns the queues that the command works: those of the command line, else the default queue of the application. */
export function workedQueues(named: readonly string[], { options }: Pick<Application, 'options'>): readonly string[] {
  return named.length > 0 ? named : [options.default];
}

/** Returns the queues that job classes name and that the command does not work. */
export function queuesNotWorked(
  worked: readonly string[],
  { jobQueues }: Pick<Application, 'jobQueues'>,
): readonly string[] {
  return jobQueues.filter((queue) => !worked.includes(queue));
}

/**
 * Formats the warning about queues that nobody works here. Without it, a queue that every command line forgets fills up
 * in silence.
 *
 * @returns `undefined` if there is no such queue
 */
export function notWorkedWarning(queues: readonly string[]): string | undefined {
  if (queues.length === 0) return undefined;
  const [subject, their] = queues.length === 1 ? ['Queue', 'its'] : ['Queues', 'their'];
  const verb = queues.length === 1 ? 'is' : 'are';
  return `${subject} ${queues.join(', ')} ${verb} named by job classes but not worked here: ${their} jobs wait for another worker`;
}
