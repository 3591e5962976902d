import { InvalidOptionError } from '../queue.errors.js';
import { integer } from '../support/checks.js';

/** The highest priority; the lowest one is as far below 0. */
const HIGHEST = 1_000;

export const priorityCheck = integer(-HIGHEST, HIGHEST);

/** Checks a priority. @throws InvalidOptionError */
export function readPriority(value: unknown): number {
  const priority = priorityCheck.read(value);
  if (priority === undefined) throw new InvalidOptionError('priority', priorityCheck.expected, value);
  return priority;
}
