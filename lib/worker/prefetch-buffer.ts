import type { ClaimedJob } from '../drivers/queue-driver.interface.js';
import type { Claim } from './prefetch-window.js';
import type { QueueFetcher } from './queue-fetcher.js';

/** A claimed job, and where it comes from. */
export interface HeldJob {
  readonly fetcher: QueueFetcher;
  readonly claim: Claim;
  readonly job: ClaimedJob;
}

/** Claimed jobs that wait for a slot, in the order they were claimed. */
export class PrefetchBuffer {
  private jobs: HeldJob[] = [];
  /** How many of them have left; taking each from the front of an array would move all the others. */
  private gone = 0;

  get size(): number {
    return this.jobs.length - this.gone;
  }

  /** The one that waits longest. */
  get first(): HeldJob | undefined {
    return this.jobs[this.gone];
  }

  add(job: HeldJob): void {
    this.jobs.push(job);
  }

  shift(): HeldJob | undefined {
    const first = this.first;
    if (first && ++this.gone === this.jobs.length) this.clear();
    return first;
  }

  /** Takes out all of them, or those of one fetcher. */
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
