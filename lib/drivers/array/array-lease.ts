import type { ArrayJob } from './array-job.js';

let leases = 0;

/** A lease: the jobs that a consumer holds, and their time limit. A lost lease stays lost; its consumer starts a new one. */
export class ArrayLease {
  readonly id = `consumer-${++leases}`;
  /** The held jobs by id, in the order of their claims. */
  readonly jobs = new Map<string, ArrayJob>();
  private leaseEnd = 0;
  private lost = false;

  get isLost(): boolean {
    return this.lost;
  }

  /** The time on the monotonic clock when the lease runs out. */
  get expiresAt(): number {
    return this.leaseEnd;
  }

  renew(expiresAt: number): void {
    this.leaseEnd = expiresAt;
  }

  /**
   * Marks the lease as lost if it has run out, and returns whether it is lost. Another consumer calls it. A lease that has
   * run out without this call is still valid, so that its consumer can prolong it late.
   */
  loseIfExpired(now: number): boolean {
    this.lost ||= now >= this.leaseEnd;
    return this.lost;
  }

  hold(job: ArrayJob): void {
    job.place = 'claimed';
    this.jobs.set(job.id, job);
  }

  /** Returns a job that the lease holds under this fencing token. */
  held(id: string, fence: number): ArrayJob | undefined {
    const job = this.jobs.get(id);
    return job?.fence === fence ? job : undefined;
  }

  /**
   * Removes a job from the lease.
   *
   * @returns the job; `undefined` if the lease does not hold it under this fencing token
   */
  letGo(id: string, fence: number): ArrayJob | undefined {
    const job = this.held(id, fence);
    if (job) this.jobs.delete(id);
    return job;
  }
}
