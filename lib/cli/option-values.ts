import { InvalidArgumentError } from 'commander';
import { isQueueName, QUEUE_NAME_EXPECTED } from '../job/queue-name.js';
import { integer, type Check } from '../support/checks.js';
import { DURATION_EXPECTED, toSeconds } from '../support/duration.js';

/** A higher number is a typing error: a process has one event loop. */
export const MOST_JOBS_AT_ONCE = 10_000;
const MEGABYTE = 1024 * 1024;

/** Makes the reader of an option that takes a whole number. */
export function wholeNumber(min: number, max?: number): (text: string) => number {
  return reader({
    expected: integer(min, max).expected,
    read: (text) => (/^\d+$/.test(text as string) ? integer(min, max).read(Number(text)) : undefined),
  });
}

/** Reads megabytes; returns bytes. */
export function megabytes(text: string): number {
  return wholeNumber(1, 1024 * 1024)(text) * MEGABYTE;
}

/** Reads a duration; returns seconds. */
export const seconds = reader({ expected: DURATION_EXPECTED, read: toSeconds });

/** Reads a duration that is not 0; returns seconds. */
export const positiveSeconds = reader({
  expected: `${DURATION_EXPECTED}, more than 0`,
  read: (text) => toSeconds(text) || undefined,
});

/** Reads a text that is not empty. */
export const nonEmptyText = reader({ expected: 'a value', read: (text) => (text as string) || undefined });

/** A queue of the command line. */
export interface NamedQueue {
  readonly name: string;
  /** Its own slots: `emails:10`. */
  readonly slots?: number;
}

/** Adds a queue to the queues that were named before it. */
export function addQueue(text: string, before: readonly NamedQueue[] = []): readonly NamedQueue[] {
  const [, pool, slots] = /^(.*):(\d+)$/.exec(text) ?? [];
  const name = pool ?? text;
  if (!isQueueName(name)) throw new InvalidArgumentError(`Expected ${QUEUE_NAME_EXPECTED}.`);
  if (before.some((other) => other.name === name)) throw new InvalidArgumentError('The queue is named twice.');
  return [...before, slots === undefined ? { name } : { name, slots: wholeNumber(1, MOST_JOBS_AT_ONCE)(slots) }];
}

function reader<T>(check: Check<T>): (text: string) => T {
  return (text) => {
    const value = check.read(text);
    if (value === undefined) throw new InvalidArgumentError(`Expected ${check.expected}.`);
    return value;
  };
}
