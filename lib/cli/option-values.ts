import { InvalidArgumentError } from 'commander';
import { isQueueName, QUEUE_NAME_EXPECTED } from '../job/queue-name.js';
import { integer, type Check } from '../support/checks.js';
import { DURATION_EXPECTED, toSeconds } from '../support/duration.js';

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

/** Adds a queue to the queues that were named before it. */
export function addQueue(name: string, before: readonly string[] = []): readonly string[] {
  if (!isQueueName(name)) throw new InvalidArgumentError(`Expected ${QUEUE_NAME_EXPECTED}.`);
  if (before.includes(name)) throw new InvalidArgumentError('The queue is named twice.');
  return [...before, name];
}

function reader<T>(check: Check<T>): (text: string) => T {
  return (text) => {
    const value = check.read(text);
    if (value === undefined) throw new InvalidArgumentError(`Expected ${check.expected}.`);
    return value;
  };
}
