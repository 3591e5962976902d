import { InvalidFlowError } from '../queue.errors.js';
import { isFlowOf } from './flow-ref.js';

/** Jobs that are added to a batch: each a `jobSpec()`, or an instance that carries its data. */
export type AddedJob = { readonly job: unknown; readonly data: unknown } | { handle(...args: never[]): unknown };

/** The batch of a job, as the job sees it. */
export interface JobBatch {
  readonly id: string;

  /**
   * Adds jobs to the batch. Wait for it: the batch cannot end before this job has ended. A further attempt that adds jobs again adds other ones.
   *
   * @param jobs a list, an iterable or an async iterable
   * @returns how many jobs the batch has then
   * @throws as `QueueManager.addToBatch` does
   */
  add(jobs: Iterable<AddedJob> | AsyncIterable<AddedJob>): Promise<number>;
}

/**
 * Returns the batch of a job; `undefined` if it is in none.
 *
 * @param ref the flow of the job
 * @param desks adds jobs to a batch; missing if nothing can be stored
 */
export function batchOf(
  job: string,
  ref: string | undefined,
  desks: { addToBatch(batch: string, jobs: unknown): Promise<number> } | undefined,
): JobBatch | undefined {
  if (!isFlowOf('batch', ref)) return undefined;
  const id = ref.slice(1);
  return {
    id,
    add: async (jobs) => {
      if (!desks) throw InvalidFlowError.noMember(job, 'batch');
      return desks.addToBatch(id, jobs);
    },
  };
}
