import type { JobWait, QueueWaits, WaitListener, WaitTerms } from '../drivers/queue-waits.interface.js';
import type { PartitionMap } from './partition-map.js';

/** Waits for jobs, of one that is about to be pushed in the partition where it goes. */
export class PartitionedWaits implements QueueWaits {
  constructor(
    private readonly inner: QueueWaits,
    private readonly map: PartitionMap,
  ) {}

  async open(id: string, terms: WaitTerms, listener: WaitListener): Promise<JobWait> {
    const { pushedTo, traits } = terms;
    const pushed = pushedTo === undefined ? undefined : this.map.for(pushedTo, { id, traits });
    return this.inner.open(id, { ...terms, ...(pushed !== undefined && { pushedTo: pushed }) }, listener);
  }
}
