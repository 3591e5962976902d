import type { ArrayJob } from './array-job.js';

let leases = 0;

/** What a consumer holds, and until when. Once it is lost it stays lost: the consumer goes on as another lease. */
export class ArrayLease {
  readonly id = `consumer-${++leases}`;
  /** By id, in the order they were claimed. */
  readonly jobs = new Map<string, ArrayJob>();
  private leaseEnd = 0;
  private lost = false;

  get isLost(): boolean {
    return this.lost;
  }

  /** When its lease runs out. */
  get expiresAt(): number {
    return this.leaseEnd;
  }

  renew(expiresAt: number): void {
    this.leaseEnd = expiresAt;
  }

  /** Whether it is lost: it is from the first time that somebody else asks after its lease has run out. */
  loseIfExpired(now: number): boolean {
    this.lost ||= now >= this.leaseEnd;
    return this.lost;
  }

  hold(job: ArrayJob): void {
    job.place = 'claimed';
    this.jobs.set(job.id, job);
  }

  /** @returns the job, if it was held under this very fence */
  letGo(id: string, fence: number): ArrayJob | undefined {
    const job = this.jobs.get(id);
    if (job?.fence !== fence) return undefined;
    this.jobs.delete(id);
    return job;
  }
}
