import { closest } from '../support/closest.js';
import type { Application } from './application.js';
import type { WorkerArguments } from './program.js';

type Given = Pick<WorkerArguments, 'queues' | 'all'>;
type Queues = Pick<Application, 'options' | 'jobQueues'>;

/** Near names differ by at most so many letters in their length: `emails` is not meant to be `emails-of-2030`. */
const LENGTH_DIFFERENCE = 2;

/**
 * Returns the queues that the command works: those of the command line, with `--all` the default queue and every queue that a
 * job class names, else the default queue of the application.
 */
export function workedQueues({ queues, all }: Given, { options, jobQueues }: Queues): readonly string[] {
  if (all) return [...new Set([options.default, ...jobQueues])];
  return queues.length > 0 ? queues : [options.default];
}

/** Returns the queues that job classes name and that the command does not work. */
export function queuesNotWorked(
  worked: readonly string[],
  { jobQueues }: Pick<Queues, 'jobQueues'>,
): readonly string[] {
  return jobQueues.filter((queue) => !worked.includes(queue));
}

/**
 * Formats the warnings about the queues of the command line:
 *
 * - queues that nobody works here: a queue that every command line forgets fills up in silence;
 * - a misspelt queue: no class names it, but one with a similar name;
 * - `--all`, if no job class names a queue.
 *
 * @param withNotWorked false if the queues that are not worked are told elsewhere
 */
export function queueWarnings(given: Given, application: Queues, withNotWorked: boolean): string[] {
  const { options, jobQueues } = application;
  const notWorked = withNotWorked ? queuesNotWorked(workedQueues(given, application), application) : [];
  const warnings = given.queues.map((queue) => misspeltWarning(queue, [...jobQueues, options.default]));
  if (notWorked.length > 0) warnings.push(notWorkedWarning(notWorked, given, options.default));
  if (given.all && jobQueues.length === 0) {
    warnings.push(`No job class names a queue: --all works the default queue alone, ${options.default}`);
  }
  return warnings.filter((warning) => warning !== undefined);
}

function notWorkedWarning(queues: readonly string[], { queues: named }: Given, byDefault: string): string {
  const [subject, their] = queues.length === 1 ? ['Queue', 'its'] : ['Queues', 'their'];
  const verb = queues.length === 1 ? 'is' : 'are';
  const what = `${subject} ${queues.join(', ')} ${verb} named by job classes but not worked here: ${their} jobs wait for another worker`;
  if (named.length > 0) return what;
  return `${what}. Without names queue-worker works the default queue alone, ${byDefault}; name the queues, or work all of them with --all`;
}

/** A queue that only pushes name is no mistake, and neither are queues that differ in their numbers. */
function misspeltWarning(queue: string, known: readonly string[]): string | undefined {
  if (known.includes(queue)) return undefined;
  const similar = known.filter(
    (name) =>
      Math.abs(name.length - queue.length) <= LENGTH_DIFFERENCE && withoutNumbers(name) !== withoutNumbers(queue),
  );
  const meant = closest(queue, similar);
  return meant && `No job class names the queue ${queue}, and it is not the default queue: did you mean ${meant}?`;
}

function withoutNumbers(name: string): string {
  return name.replaceAll(/\d+/g, '#');
}
