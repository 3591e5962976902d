import { describe } from '../support/describe.js';
import { QueueError } from './queue-error.js';

/** A chain, a batch or a workflow cannot be made as it was described. Nothing was written. */
export class InvalidFlowError extends QueueError {
  override name = 'InvalidFlowError';

  constructor(message: string, options?: ErrorOptions) {
    super('ERR_INVALID_FLOW', message, options);
  }

  /** @param what the wrong part of the flow, as `jobs[2].id` */
  static expected(what: string, expected: string, given: unknown): InvalidFlowError {
    return new InvalidFlowError(`${what}: expected ${expected}, got ${describe(given)}`);
  }

  /** @param names each node waits for the next one, the last one for the first one */
  static cycle(flow: string, names: readonly string[]): InvalidFlowError {
    const way = [...names, names[0]!].map((name) => describe(name)).join(' after ');
    return new InvalidFlowError(`${flow}: expected nodes that do not wait for each other, got the cycle ${way}`);
  }

  /** @param ref the reference of a batch */
  static gone(ref: string): InvalidFlowError {
    return new InvalidFlowError(`Batch ${ref.slice(1)}: expected one of which something can run, got none`);
  }

  static noManager(batch: string): InvalidFlowError {
    return new InvalidFlowError(
      `Batch ${batch}: expected the QueueManager of this application, got one that was replaced`,
    );
  }

  static noMember(job: string, kind: string): InvalidFlowError {
    return new InvalidFlowError(`Job ${job}: expected a member of a ${kind}, got a job that is none`);
  }
}
