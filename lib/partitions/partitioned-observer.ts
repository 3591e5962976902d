import type { AddedJob, FlowEnd, StorageObserver } from '../drivers/storage-observer.interface.js';
import { queueOf } from '../job/stored-queue.js';

/** Tells an observer the queue of added jobs, in place of their partition. */
export class PartitionedObserver implements StorageObserver {
  constructor(private readonly observer: StorageObserver) {}

  get hearsPushes(): boolean {
    return this.observer.hearsPushes;
  }

  get hearsEnds(): boolean {
    return this.observer.hearsEnds;
  }

  pushed(stored: string, jobs: readonly AddedJob[]): void {
    this.observer.pushed(queueOf(stored), jobs);
  }

  ended(ref: string, end: FlowEnd): Promise<void> | undefined {
    return this.observer.ended(ref, end);
  }
}
