import type { ClaimedJob } from '../drivers/queue-driver.interface.js';
import type { Claim } from './claim-ahead.js';
import type { QueueLane } from './queue-lane.js';

/** A claimed job, and where it comes from. */
export interface HeldJob {
  readonly lane: QueueLane;
  readonly claim: Claim;
  readonly job: ClaimedJob;
}

/** Claimed jobs that wait for a slot, in the order they were claimed. */
export class Backlog {
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

  /** Takes out all of them, or those of one lane. */
  takeOut(lane?: QueueLane): HeldJob[] {
    const waiting = this.jobs.slice(this.gone);
    this.clear();
    if (!lane) return waiting;
    this.jobs = waiting.filter((held) => held.lane !== lane);
    return waiting.filter((held) => held.lane === lane);
  }

  private clear(): void {
    this.jobs = [];
    this.gone = 0;
  }
}
