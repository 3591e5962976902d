import { InvalidOptionError } from '../queue.errors.js';
import type { ResolvedQueueOptions } from '../queue.options.js';

const SECTIONS = ['redis', 'worker', 'queues', 'jobs'] as const satisfies readonly (keyof ResolvedQueueOptions)[];

/**
 * Checks that options in use are complete: a test may have replaced them.
 *
 * @throws InvalidOptionError
 */
export function assertResolved(options: ResolvedQueueOptions): void {
  const given = options as Partial<ResolvedQueueOptions> | null | undefined;
  if (SECTIONS.every((section) => typeof given?.[section] === 'object')) return;
  throw new InvalidOptionError('RESOLVED_QUEUE_OPTIONS', 'the result of resolveOptions({ ... })', given);
}
