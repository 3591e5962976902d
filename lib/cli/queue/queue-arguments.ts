import { InvalidArgumentError } from 'commander';
import { isQueueName, QUEUE_NAME_EXPECTED } from '../../job/queue-name.js';
import { closest } from '../../support/closest.js';
import { toSeconds } from '../../support/duration.js';

/** Reads the name of a queue. */
export function queueName(text: string): string {
  if (!isQueueName(text)) throw new InvalidArgumentError(`Expected ${QUEUE_NAME_EXPECTED}.`);
  return text;
}

/** Reads names of queues, divided by commas, behind those that were named before. */
export function queueNames(text: string, before: readonly string[] = []): readonly string[] {
  return [...new Set([...before, ...text.split(',').map((name) => queueName(name.trim()))])];
}

/** Collects the values of an option that may be given several times, or with commas. */
export function texts(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...text.split(',').map((part) => part.trim())].filter((part) => part !== '');
}

/** Makes the reader of one of some words; several are divided by commas. */
export function words<Word extends string>(known: readonly Word[]): (text: string, before?: readonly Word[]) => Word[] {
  return (text, before = []) => {
    const given = texts(text);
    for (const word of given) {
      if ((known as readonly string[]).includes(word)) continue;
      const meant = closest(word, known);
      throw new InvalidArgumentError(meant ? `Did you mean ${meant}?` : `Known are ${known.join(', ')}.`);
    }
    return [...before, ...(given as Word[])];
  };
}

/** Reads a point in time: a duration before now, or an ISO date. */
export function pointInTime(text: string): Date {
  const seconds = toSeconds(text);
  const time = seconds === undefined ? new Date(text) : new Date(Date.now() - seconds * 1000);
  if (!Number.isNaN(time.getTime())) return time;
  throw new InvalidArgumentError('Expected a duration before now such as 2h, or a date such as 2026-01-31T09:00.');
}

/** Reads hours; returns seconds. */
export function hours(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new InvalidArgumentError('Expected a number of hours.');
  return value * 3600;
}

/** Reads a whole number that may be negative. */
export function anyInteger(text: string): number {
  const value = Number(text);
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('Expected a whole number.');
  return value;
}
