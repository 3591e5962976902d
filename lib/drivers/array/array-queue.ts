import type { Clock } from '../../support/clock.js';
import type { ClaimedJob, NewJob, QueueCounts, StepRequest, StepResult } from '../queue-driver.interface.js';
import type { ArrayHolder } from './array-holder.js';
import { createJob, toClaimed } from './array-job.js';
import type { ArrayJobs } from './array-jobs.js';
import { ArrayLanes, MOVES_PER_CALL } from './array-lanes.js';
import { ArraySettler } from './array-settler.js';
import { ArrayWaiters } from './array-waiters.js';
import { ExpiringMap } from './expiring-map.js';

/** What the status of a job says that waits because its holder was lost. */
const HOLDER_LOST = 'The worker that ran this job was lost';

/**
 * One queue: the jobs that wait in its lanes, and those that its holders have.
 *
 * Each call runs within one turn of the event loop, so what it does is seen whole or not at all.
 */
export class ArrayQueue {
  readonly waiters: ArrayWaiters;
  private readonly lanes = new ArrayLanes();
  /** Those that hold jobs, and only those. */
  private readonly holders = new Set<ArrayHolder>();
  private readonly failed: ExpiringMap<true>;
  private readonly settler: ArraySettler;
  private lastFence = 0;

  /** @param statusTtl in seconds */
  constructor(
    readonly name: string,
    private readonly jobs: ArrayJobs,
    statusTtl: number,
    private readonly clock: Clock,
  ) {
    this.waiters = new ArrayWaiters(this.lanes, clock);
    this.failed = new ExpiringMap(statusTtl * 1000, clock);
    this.settler = new ArraySettler(jobs, this.lanes, this.failed);
  }

  push(newJobs: readonly NewJob[], unique: boolean): void {
    const now = this.clock.now();
    const readyBefore = this.lanes.readyCount;
    for (const newJob of newJobs) {
      if (unique ? this.jobs.isKnown(newJob.id) : this.jobs.isLive(newJob.id)) continue;
      const job = createJob(newJob, this.name, now);
      this.jobs.add(job);
      this.lanes.toBack(job, newJob.delay, now);
    }
    this.waiters.lanesChanged(this.lanes.readyCount > readyBefore);
  }

  /** @param holder who asks: it is not lost, and its lease has just been renewed */
  step(holder: ArrayHolder, request: StepRequest): StepResult {
    const now = this.clock.now();
    const refused = this.settler.settle(holder, request.settlements, now);
    if (holder.jobs.size === 0) this.holders.delete(holder);
    this.reap(now);
    this.lanes.promote(now);
    const jobs = this.claim(holder, request, now);
    const more = this.lanes.readyCount > 0;
    const suspects = this.lanes.suspectCount > 0;
    // What is left is for another one. Suspects that this one may not take must not wake it again and again.
    this.waiters.lanesChanged(more || (suspects && request.suspects));
    const nextAt = Math.min(this.lanes.nextDueAt ?? Infinity, this.nextLossFor(holder));
    const nextDue = more || nextAt === Infinity ? null : Math.max(0, nextAt - now);
    return { lost: false, refused, jobs, orphans: [], more, suspects, nextDue };
  }

  /** Whether somebody who begins to wait is woken at once. */
  wakesAtOnce(): boolean {
    this.promote();
    return this.waiters.takeSignal();
  }

  counts(): QueueCounts {
    this.promote();
    const { readyCount, suspectCount, delayedCount } = this.lanes;
    let reserved = 0;
    for (const holder of this.holders) reserved += holder.jobs.size;
    return { ready: readyCount + suspectCount, delayed: delayedCount, reserved, failed: this.failed.size };
  }

  clear(): number {
    const dropped = this.lanes.drain();
    for (const job of dropped) this.jobs.drop(job);
    this.waiters.lanesChanged(false);
    return dropped.length;
  }

  /** When one of the others is lost, unless it gives a sign of life. */
  private nextLossFor(holder: ArrayHolder): number {
    let first = Infinity;
    for (const other of this.holders) if (other !== holder) first = Math.min(first, other.expiresAt);
    return first;
  }

  private promote(): void {
    this.waiters.lanesChanged(this.lanes.promote(this.clock.now()) > 0);
  }

  /** Takes over the jobs of holders whose lease has run out: {@link MOVES_PER_CALL} of them at the most. */
  private reap(now: number): void {
    let moved = 0;
    for (const holder of this.holders) {
      if (!holder.loseIfExpired(now)) continue;
      for (const job of holder.jobs.values()) {
        if (moved++ === MOVES_PER_CALL) return;
        holder.jobs.delete(job.id);
        job.crashes++;
        job.lost = true;
        job.error = HOLDER_LOST;
        this.jobs.changed(job);
        this.lanes.toSuspects(job);
      }
      this.holders.delete(holder);
    }
  }

  private claim(holder: ArrayHolder, { limit, suspects }: StepRequest, now: number): ClaimedJob[] {
    const jobs = this.lanes.take(limit, suspects);
    if (jobs.length === 0) return [];
    // Not below the time: so it grows even over a counter that was lost, as it does in a storage that fails over.
    let fence = Math.max(this.lastFence, now - jobs.length);
    for (const job of jobs) {
      job.fence = ++fence;
      job.error = undefined;
      job.lost = false;
      holder.hold(job);
      this.jobs.changed(job);
    }
    this.lastFence = fence;
    this.holders.add(holder);
    return jobs.map((job) => toClaimed(job, now));
  }
}
