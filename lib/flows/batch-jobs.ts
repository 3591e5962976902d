import { InvalidOptionError } from '../queue.errors.js';
import type { BatchJobs } from './flow-options.js';

/** The most jobs that are read from an iterable before they are dispatched. */
export const PART = 1_000;

/** Checks that jobs come in a list, or one after the other. @throws InvalidOptionError */
export function readBatchJobs(jobs: unknown): BatchJobs {
  const given = jobs as Partial<Iterable<never> & AsyncIterable<never>> | null | undefined;
  const isIterable =
    typeof given === 'object' && given !== null && (Symbol.iterator in given || Symbol.asyncIterator in given);
  if (!isIterable) throw new InvalidOptionError('jobs', 'a list, an iterable or an async iterable', jobs);
  return given as BatchJobs;
}

/** Reads jobs in parts, so that the memory for them is bounded. The holes of a sparse list become `undefined`. */
export async function* inParts(jobs: BatchJobs): AsyncGenerator<unknown[]> {
  let part: unknown[] = [];
  for await (const job of jobs) {
    part.push(job);
    if (part.length < PART) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
}
