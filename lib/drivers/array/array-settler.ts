import type { MonotonicClock } from '../../support/clock.js';
import type { Settlement } from '../queue-driver.interface.js';
import type { QueueRetention } from '../queue-retention.interface.js';
import { attemptOf, noteFailure, takeNote, type ArrayJob } from './array-job.js';
import type { ArrayKept } from './array-kept.js';
import type { ArrayLimits } from './array-limits.js';
import type { ArrayLease } from './array-lease.js';
import type { ArrayJobs } from './array-jobs.js';
import type { ArrayStats } from './array-stats.js';
import type { ArrayWaiting } from './array-waiting.js';

/** Settles the jobs of one queue: ends a job, or lets it wait for its next attempt. */
export class ArraySettler {
  constructor(
    private readonly jobs: ArrayJobs,
    private readonly waiting: ArrayWaiting,
    private readonly kept: ArrayKept,
    private readonly stats: ArrayStats,
    private readonly limits: ArrayLimits,
    private readonly retention: QueueRetention,
    private readonly clock: MonotonicClock,
    /** Called when the queue is held back from now on, or for longer. */
    private readonly onHeld: () => void,
  ) {}

  /**
   * Settles jobs that the lease holds.
   *
   * @returns the refused ids: the lease does not hold them under the fencing token of their settlement
   */
  settle(lease: ArrayLease, settlements: readonly Settlement[], now: number): string[] {
    const refused: string[] = [];
    const keepTurn: ArrayJob[] = [];
    for (const told of settlements) {
      const settlement = this.withoutDelay(told);
      const job = lease.letGo(settlement.id, settlement.fence);
      if (!job) {
        refused.push(settlement.id);
        continue;
      }
      if (givesBack(settlement)) {
        this.limits.giveBack(job);
        this.waiting.groups.giveBack(job);
      }
      this.waiting.groups.end(job, 'delay' in settlement && (settlement.delay > 0 || job.crashes > 0));
      if (told.kind === 'release' && told.hold === 'group') this.waiting.groups.hold(job, told.delay);
      this.settleOne(job, settlement, now);
      // A cancelled job does not wait, but its queue does.
      if (told.kind === 'release' && told.hold === 'queue' && this.limits.hold(told.delay)) this.onHeld();
      this.stats.count(settlement);
      if (keepsTurn(settlement)) keepTurn.push(job);
    }
    // Requeue them together, so that they stand in the order of their claims and not of their settlements.
    this.waiting.toFront(keepTurn);
    return refused;
  }

  /**
   * A cancelled job does not wait for its next attempt: a consumer ends it. One that may have run waits for a consumer that knows
   * its name.
   */
  private withoutDelay(settlement: Settlement): Settlement {
    if (!('delay' in settlement) || !this.jobs.isCancelled(settlement.id)) return settlement;
    const { attempts, crashes } = this.jobs.find(settlement.id)!;
    if ('unknown' in settlement && settlement.unknown && attempts + crashes > 0) return settlement;
    return { ...settlement, delay: 0 };
  }

  private settleOne(job: ArrayJob, settlement: Settlement, now: number): void {
    if (settlement.note) takeNote(job, settlement.note);
    switch (settlement.kind) {
      case 'complete':
        this.jobs.end(job, 'completed', settlement.keep ?? this.retention.completed, settlement);
        this.kept.end(job, 'completed', attemptOf(job), settlement.keep);
        break;
      case 'fail':
        noteFailure(job, settlement, this.clock.now());
        this.jobs.end(job, 'failed', settlement.keep ?? this.retention.failed, { error: settlement.error });
        this.kept.fail(job, attemptOf(job), settlement.error, settlement.keep);
        break;
      case 'cancel':
        this.endCancelled(job, settlement, job.attempts + (settlement.hasRun ? 1 : 0));
        break;
      case 'retry':
        noteFailure(job, settlement, this.clock.now());
        job.attempts++;
        job.error = settlement.error;
        job.unknownSince = undefined;
        this.jobs.changed(job);
        this.waiting.putBack(job, settlement.delay, now);
        break;
      case 'release':
        job.unknownSince = settlement.unknown ? (job.unknownSince ?? now) : undefined;
        if (settlement.position === 'front') job.releases ??= settlement.hasStarted ? 0 : undefined;
        else if (!settlement.unknown) job.releases = (job.releases ?? 0) + 1;
        this.jobs.changed(job);
        if (!keepsTurn(settlement)) this.waiting.putBack(job, settlement.delay, now);
        break;
    }
  }

  private endCancelled(
    job: ArrayJob,
    { error, hasExpired }: Extract<Settlement, { kind: 'cancel' }>,
    attempt: number,
  ): void {
    this.jobs.end(job, 'cancelled', this.retention.completed, { error, hasExpired }, attempt);
    this.kept.end(job, 'cancelled', attempt);
  }
}

/** Tells whether a settlement puts its job at the front of the queue, without a delay. */
function keepsTurn(settlement: Settlement): boolean {
  return settlement.kind === 'release' && settlement.position === 'front' && settlement.delay === 0;
}

/** Tells whether the start of a job does not count, because the job was not started after its claim. */
function givesBack(settlement: Settlement): boolean {
  if (settlement.kind === 'cancel') return !settlement.hasRun;
  return settlement.kind === 'release' && (settlement.unstarted === true || settlement.unknown === true);
}
