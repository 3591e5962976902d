import type { ClaimedJob } from '../drivers/queue-driver.interface.js';
import type { RecoveryPass } from '../recovery/recovery-gate.js';
import type { Claim } from './prefetch-window.js';
import type { QueueFetcher } from './queue-fetcher.js';

/** A claimed job, and where it comes from. */
export interface HeldJob {
  readonly fetcher: QueueFetcher;
  readonly claim: Claim;
  readonly job: ClaimedJob;
  /** The right to hold it, if its worker was lost before. */
  readonly pass?: RecoveryPass;
}

/** Claimed jobs that wait for a slot, in the order in which they were claimed. */
export class PrefetchBuffer {
  private jobs: HeldJob[] = [];
  /** How many jobs have left. Removing the first element of an array would move all the others. */
  private gone = 0;

  get size(): number {
    return this.jobs.length - this.gone;
  }

  /** The job that has waited longest. */
  get first(): HeldJob | undefined {
    return this.jobs[this.gone];
  }

  add(job: HeldJob): void {
    this.jobs.push(job);
  }

  /** Removes the job that has waited longest. */
  shift(): HeldJob | undefined {
    const first = this.jobs[this.gone];
    if (first && ++this.gone === this.jobs.length) this.clear();
    return first;
  }

  /** Removes all jobs, or those of one queue, and returns them. */
  takeOut(fetcher?: QueueFetcher): HeldJob[] {
    const waiting = this.jobs.slice(this.gone);
    this.clear();
    if (!fetcher) return waiting;
    this.jobs = waiting.filter((held) => held.fetcher !== fetcher);
    return waiting.filter((held) => held.fetcher === fetcher);
  }

  private clear(): void {
    this.jobs = [];
    this.gone = 0;
  }
}
