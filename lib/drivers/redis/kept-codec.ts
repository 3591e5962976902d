import type { StoredFailure } from '../queue-retention.interface.js';
import { COMPLETED_HEAD } from './scripts/parts/retain.part.js';

/** The time of the end, in front of each element in the list of completed jobs. */
const TIME_LENGTH = 13;

/** An element of the list of completed jobs. */
export interface CompletedEntry {
  readonly id: string;
  /** Milliseconds. */
  readonly endedAt: number;
  /** The time of the claim in milliseconds, as its fencing token tells it; 0 for a job that was cancelled before it began. */
  readonly claimedAt: number;
  readonly isCancelled: boolean;
}

export function readCompleted(element: string): CompletedEntry {
  return {
    id: element.slice(COMPLETED_HEAD),
    endedAt: Number(element.slice(0, TIME_LENGTH)),
    claimedAt: Math.floor(Number(element.slice(TIME_LENGTH, COMPLETED_HEAD - 1)) / 1000),
    isCancelled: element[COMPLETED_HEAD - 1] === 'x',
  };
}

/** Reads the failures of a job, the newest one first. Skips a line that another program wrote. */
export function readFailures(text: string): StoredFailure[] {
  const failures: StoredFailure[] = [];
  let texts: FailureTexts = ['', '', ''];
  for (const line of text.split('\n')) {
    const parts = /^(\d+) (\d+) (\d+) (\S+)\t(.*)$/s.exec(line);
    if (!parts) continue;
    const [attempt, endedAt, took] = parts.slice(1, 4).map(Number) as [number, number, number];
    // Without a text of its own it is the same as the newer one.
    if (parts[5] !== '') texts = readTexts(parts[5]!) ?? texts;
    const [error, stack, name] = texts;
    const failure = { attempt, startedAt: endedAt - took, endedAt, error, worker: parts[4]! };
    failures.push({ ...failure, ...(stack !== '' && { stack }), ...(name !== '' && { name }) });
  }
  return failures;
}

type FailureTexts = readonly [error: string, stack: string, name: string];

function readTexts(json: string): FailureTexts | undefined {
  try {
    const [error, stack, name = ''] = JSON.parse(json) as [unknown, unknown, unknown?];
    return [String(error), String(stack), String(name)];
  } catch {
    return undefined;
  }
}
