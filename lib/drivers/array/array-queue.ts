import { isDeepStrictEqual } from 'node:util';
import { WORKER_LOST } from '../../job/job-status.js';
import { JobIdConflictError, type IdConflict } from '../../queue.errors.js';
import type { MonotonicClock } from '../../support/clock.js';
import type { JobNote } from '../../job/attempt-desk.interface.js';
import type { StartLimits } from '../queue-limits.interface.js';
import type { QueueRetention } from '../queue-retention.interface.js';
import type { Cancellation } from '../queue-cancellations.interface.js';
import type {
  ClaimedJob,
  NewJob,
  QueueCounts,
  PollRequest,
  PollResult,
  PushException,
  TakenOver,
} from '../queue-driver.interface.js';
import { MOST_READY, type ReadyJob } from '../queue-stats.interface.js';
import type { ArrayLease } from './array-lease.js';
import { createJob, noteFailure, toClaimed, type ArrayJob } from './array-job.js';
import type { ArrayJobs, IdHolder } from './array-jobs.js';
import { ArrayGroups } from './array-groups.js';
import { ArrayLimits } from './array-limits.js';
import { ArrayListing } from './array-listing.js';
import { ArrayDebounce, delayOf } from './array-debounce.js';
import { ArrayKept } from './array-kept.js';
import { ArrayMender } from './array-mender.js';
import { ArrayPause } from './array-pause.js';
import { ArrayWaiting, MOVES_PER_CALL } from './array-waiting.js';
import { ArraySettler } from './array-settler.js';
import { ArrayStats } from './array-stats.js';
import { ArrayWaiters } from './array-waiters.js';

/**
 * Holds one queue: its waiting jobs, and the leases of its consumers.
 *
 * Each call runs within one turn of the event loop, so that no other call sees half of its changes.
 */
export class ArrayQueue {
  readonly waiters: ArrayWaiters;
  readonly pause: ArrayPause;
  readonly stats: ArrayStats;
  readonly mender: ArrayMender;
  readonly listing: ArrayListing;
  private readonly waiting: ArrayWaiting;
  /** The leases that hold jobs. A lease without jobs is not in this set. */
  private readonly leases = new Set<ArrayLease>();
  readonly kept: ArrayKept;
  readonly limits: ArrayLimits;
  readonly debounce: ArrayDebounce;
  private readonly settler: ArraySettler;
  private lastFence = 0;
  /** True if a consumer was told that jobs wait which may not start, since none was left last. */
  private saidBlocked = false;

  constructor(
    readonly name: string,
    private readonly jobs: ArrayJobs,
    private readonly retention: QueueRetention,
    limits: StartLimits,
    private readonly clock: MonotonicClock,
    lowEach: number,
  ) {
    this.limits = new ArrayLimits(limits, this.leases, clock);
    this.waiting = new ArrayWaiting(new ArrayGroups(() => this.limits.ofGroups, clock, lowEach), lowEach);
    this.debounce = new ArrayDebounce(this.waiting, clock);
    this.waiters = new ArrayWaiters(this.waiting, clock, this.onWaitingChanged);
    this.pause = new ArrayPause(clock, () => this.waiters.waitingChanged(true));
    this.kept = new ArrayKept(retention, clock, (id) => jobs.forget(id, name));
    this.stats = new ArrayStats(clock);
    this.listing = new ArrayListing(jobs, this.waiting, this.leases, this.kept, this.limits, clock);
    this.mender = new ArrayMender(name, jobs, this.waiting, this.kept, this.waiters, clock, (job) =>
      this.debounce.free(job),
    );
    const { onHeld } = this;
    this.settler = new ArraySettler(jobs, this.waiting, this.kept, this.stats, this.limits, retention, clock, onHeld);
  }

  /**
   * Stores jobs, as `QueueDriver.push` describes.
   *
   * @param forget removes the kept record of an ended job in its queue
   * @returns the jobs that were there already
   * @throws JobIdConflictError
   */
  push(
    newJobs: readonly NewJob[],
    looks: boolean,
    forget: (id: string, queue: string) => void,
  ): readonly PushException[] | undefined {
    const pushedAt = this.clock.now();
    const now = this.clock.monotonic();
    const readyBefore = this.waiting.readyCount;
    const conflicts: IdConflict[] = [];
    const exceptions: PushException[] = [];
    for (const [index, newJob] of newJobs.entries()) {
      const { traits } = newJob;
      const isGiven = looks && !newJob.isGenerated;
      if (!isGiven && this.jobs.isLive(newJob.id)) continue;
      const holder = isGiven ? this.jobs.holderOf(newJob.id) : undefined;
      if (holder && (holder.lives || !newJob.replacesEnded)) {
        const conflict = this.conflictOf(newJob, holder);
        if (conflict) conflicts.push(conflict);
        else exceptions.push({ index, outcome: 'duplicate', id: newJob.id });
        continue;
      }
      if (traits?.debounce) {
        const exception = this.debounce.replace(newJob, traits.debounce);
        if (exception) {
          exceptions.push({ index, ...exception });
          continue;
        }
      }
      const owner = traits?.unique && this.jobs.unique.ownerOf(this.name, traits.unique.key);
      if (owner) {
        exceptions.push({ index, outcome: 'duplicate', id: owner.id });
        continue;
      }
      if (isGiven) forget(newJob.id, holder?.queue ?? this.name);
      const job = createJob(newJob, this.name, pushedAt);
      this.jobs.add(job);
      this.jobs.onPush?.(job);
      this.waiting.toBack(job, traits?.debounce ? delayOf(newJob, traits.debounce) : newJob.delay, now);
      if (traits?.debounce) this.debounce.add(job);
    }
    this.waiters.waitingChanged(this.waiting.readyCount > readyBefore);
    if (conflicts.length > 0) {
      const allIds = newJobs.map(({ id }) => id);
      throw new JobIdConflictError(conflicts, allIds);
    }
    return exceptions.length > 0 ? exceptions : undefined;
  }

  /** Returns the conflict between a new job and the job that has its id; `undefined` if they are the same job. */
  private conflictOf({ id, name = '' }: NewJob, found: IdHolder): IdConflict | undefined {
    // A status that the application wrote for an unknown job has no queue.
    const queue = found.queue || this.name;
    const isOther = name !== '' && found.name !== undefined && found.name !== name;
    if (queue === this.name && !isOther) return undefined;
    return {
      id,
      asked: { queue: this.name, name },
      found: { queue, ...(found.name !== undefined && { name: found.name }) },
    };
  }

  /**
   * Settles, recovers, promotes and claims jobs, as `QueueConsumer.poll` describes.
   *
   * @param lease the lease of the caller: it is not lost, and was prolonged just before
   */
  poll(lease: ArrayLease, request: PollRequest): PollResult {
    const now = this.clock.monotonic();
    const refused = this.settler.settle(lease, request.settlements, now);
    const { flows } = this.jobs;
    // A look at a list costs less than a call.
    if (flows && flows.noted.length > 0) flows.handOver();
    if (lease.jobs.size === 0) this.leases.delete(lease);
    const takenOver = this.recover(now);
    this.waiting.promote(now);
    const { isOn: paused, endsAt } = this.pause;
    const jobs = paused ? [] : this.claim(lease, request, now);
    const isFull = this.limits.free(1) === 0;
    const { readyCount, recoveredCount, groups } = this.waiting;
    const more = readyCount > 0 && !paused && !isFull;
    const mayRecover = this.waiting.mayRecover;
    const recovered = mayRecover && !paused && !isFull;
    const isReady = readyCount + recoveredCount > 0;
    const blocked = !paused && ((isReady && isFull) || groups.blocked > 0 || (recoveredCount > 0 && !mayRecover));
    if (blocked) this.saidBlocked = true;
    // Wakes another listener for the jobs that are left. Recovered jobs do not count if this poll was not allowed to claim one:
    // they would wake the same worker again and again.
    this.waiters.waitingChanged(more || (recovered && request.recovered));
    const opensAt = isReady && isFull ? this.limits.opensAt : this.waiting.recoveryOpensAt;
    const nextAt = Math.min(
      this.waiting.nextDueAt ?? Infinity,
      this.nextLossFor(lease),
      endsAt,
      paused ? Infinity : opensAt,
    );
    const nextDue = more || nextAt === Infinity ? null : Math.max(0, nextAt - now);
    const cancelled = this.jobs.cancelledOf(lease.jobs);
    const limited = this.limits.areOn || this.waiting.isRanked || this.waiting.isGrouped;
    const told = { refused, jobs, danglingIds: [], takenOver, more, recovered, paused, blocked, cancelled, nextDue };
    return { lost: false, ...told, held: this.limits.isHeld, limited, now: this.clock.now() };
  }

  /** Sets limits in place of those of the options; `null` to take them back. */
  setLimits(limits: StartLimits | null): void {
    const before = this.limits.ofGroups;
    this.limits.set = limits ?? undefined;
    if (!isDeepStrictEqual(before, this.limits.ofGroups)) this.waiting.groups.limitsChanged();
    this.wakeAll();
  }

  /** Holds the queue back. @param seconds how long */
  hold(seconds: number): void {
    if (this.limits.hold(seconds)) this.onHeld();
  }

  private readonly onHeld = (): void => {
    // Its consumers poll behind this poll.
    queueMicrotask(() => this.pause.signal());
  };

  /** Ends the hold. @returns whether the queue was held back */
  endHold(): boolean {
    const areGroupsHeld = this.waiting.groups.endHolds();
    const ended = this.limits.endHold() || areGroupsHeld;
    this.wakeAll();
    return ended;
  }

  /** Calls the consumers that were told of blocked jobs, if none is left: a worker may wait for them, and others took or removed the last one. */
  private readonly onWaitingChanged = (): void => {
    if (!this.saidBlocked) return;
    const { readyCount, recoveredCount, groups } = this.waiting;
    if (readyCount + recoveredCount + groups.blocked > 0) return;
    this.saidBlocked = false;
    // They poll behind this call.
    queueMicrotask(() => this.pause.signal());
  };

  private wakeAll(): void {
    this.waiters.waitingChanged(this.waiting.readyCount + this.waiting.recoveredCount > 0);
    this.pause.signal();
  }

  /** Takes a note, as `NoteTaker.note` describes. */
  note(lease: ArrayLease, id: string, fence: number, number: number, note: JobNote): boolean {
    const job = lease.held(id, fence);
    if (!job) return false;
    const [lastFence, last] = job.lastNote;
    if (lastFence === fence && last >= number) return true;
    job.lastNote = [fence, number];
    this.jobs.note(job, note);
    return true;
  }

  /** Returns whether a new wait ends at once, and takes the signal for that. */
  wakesAtOnce(): boolean {
    this.promote();
    return this.waiters.takeSignal();
  }

  counts(): QueueCounts {
    this.promote();
    const { readyCount, recoveredCount, delayedCount, groups } = this.waiting;
    const reserved = this.limits.running;
    const open = readyCount + recoveredCount;
    const ready = this.limits.free(1) === 0 ? 0 : open;
    const blocked = groups.blocked + open - ready;
    return { ready, blocked, delayed: delayedCount, reserved, failed: this.kept.failed.size };
  }

  /** Cancels a live job of this queue: ends it if it waits, and else calls the consumers. */
  cancel(job: ArrayJob, reason: string | undefined): Cancellation {
    // A job that was claimed when it was cancelled is ended by a consumer, wherever it is.
    if (this.jobs.isCancelled(job.id)) return 'cancelling';
    if (this.waiting.remove(job)) {
      this.waiting.groups.unhold(job);
      this.debounce.free(job);
      this.jobs.end(job, 'cancelled', this.retention.completed, { error: reason }, job.attempts);
      this.kept.end(job, 'cancelled', job.attempts);
      this.waiters.waitingChanged(false);
      return 'cancelled';
    }
    this.jobs.cancel(job.id, reason);
    this.pause.signal();
    return 'cancelling';
  }

  /** Returns the first ready jobs. */
  firstReady(): ReadyJob[] {
    this.promote();
    return this.waiting.first(MOST_READY).map(({ pushedAt, body, attempts, crashes, waitsSince }) => ({
      pushedAt,
      waitsSince,
      header: body.split('\n', 1)[0]!,
      isRetried: attempts + crashes > 0,
    }));
  }

  clear(): number {
    const dropped = this.waiting.drain();
    for (const job of dropped) this.waiting.groups.unhold(job);
    for (const job of dropped) this.debounce.free(job);
    for (const job of dropped) this.jobs.drop(job);
    this.waiters.waitingChanged(false);
    return dropped.length;
  }

  /** Removes everything, unless consumers hold jobs. @returns the number of jobs that they hold */
  obliterate(): number {
    const now = this.clock.monotonic();
    const [lost, alive] = [true, false].map((isLost) =>
      [...this.leases].filter((lease) => lease.expiresAt <= now === isLost),
    ) as [ArrayLease[], ArrayLease[]];
    const running = alive.reduce((sum, { jobs }) => sum + jobs.size, 0);
    if (running > 0) return running;
    for (const lease of lost) {
      lease.loseIfExpired(now);
      for (const job of lease.jobs.values()) this.jobs.drop(job);
      lease.jobs.clear();
      this.leases.delete(lease);
    }
    this.clear();
    this.waiting.reset();
    this.kept.clear();
    this.stats.clear();
    this.limits.clear();
    this.jobs.forgetQueue(this.name);
    this.pause.resume();
    return 0;
  }

  /** Returns the time when the first lease of another consumer runs out, if it is not prolonged; `Infinity` for none. */
  private nextLossFor(lease: ArrayLease): number {
    let first = Infinity;
    for (const other of this.leases) if (other !== lease) first = Math.min(first, other.expiresAt);
    return first;
  }

  private promote(): void {
    this.waiters.waitingChanged(this.waiting.promote(this.clock.monotonic()));
  }

  /** Recovers the jobs of leases that have run out, at most {@link MOVES_PER_CALL} of them. */
  private recover(now: number): TakenOver[] {
    const takenOver: TakenOver[] = [];
    const at = this.clock.now();
    for (const lease of this.leases) {
      if (!lease.loseIfExpired(now)) continue;
      for (const job of lease.jobs.values()) {
        if (takenOver.length === MOVES_PER_CALL) return takenOver;
        lease.jobs.delete(job.id);
        this.waiting.groups.end(job, true);
        const details = { took: at - job.claimedAt, worker: lease.id };
        noteFailure(job, { error: WORKER_LOST, details }, at);
        job.crashes++;
        job.lost = true;
        job.error = WORKER_LOST;
        this.jobs.changed(job);
        this.waiting.toRecovered(job);
        takenOver.push({ id: job.id, consumer: lease.id });
      }
      this.leases.delete(lease);
    }
    return takenOver;
  }

  private claim(lease: ArrayLease, { limit, recovered }: PollRequest, now: number): ClaimedJob[] {
    const jobs = this.waiting.take(this.limits.free(limit), recovered);
    if (jobs.length === 0) return [];
    // At least the current time: so fencing tokens grow even if the counter was lost, as in a storage that fails over.
    let fence = Math.max(this.lastFence, this.clock.now() - jobs.length);
    for (const job of jobs) {
      job.fence = ++fence;
      job.error = undefined;
      job.lost = false;
      job.claimedAt = this.clock.now();
      lease.hold(job);
      this.jobs.changed(job);
      if (job.traits.unique) this.jobs.unique.started(job);
      if (job.traits.debounce) this.debounce.free(job);
    }
    this.lastFence = fence;
    this.leases.add(lease);
    this.limits.started(jobs);
    return jobs.map((job) => toClaimed(job, now));
  }
}
