import type { Settlement } from '../queue-driver.interface.js';
import type { ArrayLease } from './array-lease.js';
import { takeNote, type ArrayJob } from './array-job.js';
import type { ArrayJobs } from './array-jobs.js';
import type { ArrayStats } from './array-stats.js';
import type { ArrayWaiting } from './array-waiting.js';
import type { ExpiringMap } from './expiring-map.js';

/** Settles the jobs of one queue: ends a job, or lets it wait for its next attempt. */
export class ArraySettler {
  constructor(
    private readonly jobs: ArrayJobs,
    private readonly waiting: ArrayWaiting,
    private readonly failed: ExpiringMap<true>,
    private readonly stats: ArrayStats,
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
      this.settleOne(job, settlement, now);
      this.stats.count(settlement);
      if (keepsTurn(settlement)) keepTurn.push(job);
    }
    // Requeue them together, so that they stand in the order of their claims and not of their settlements.
    this.waiting.toFront(keepTurn);
    return refused;
  }

  /** A cancelled job does not wait for its next attempt: a consumer ends it. */
  private withoutDelay(settlement: Settlement): Settlement {
    if (!('delay' in settlement) || ('unknown' in settlement && settlement.unknown)) return settlement;
    return this.jobs.isCancelled(settlement.id) ? { ...settlement, delay: 0 } : settlement;
  }

  private settleOne(job: ArrayJob, settlement: Settlement, now: number): void {
    if (settlement.note) takeNote(job, settlement.note);
    switch (settlement.kind) {
      case 'complete':
        this.jobs.end(job, 'completed', settlement);
        break;
      case 'fail':
        this.jobs.end(job, 'failed', { error: settlement.error });
        this.failed.set(job.id, true);
        break;
      case 'cancel':
        this.jobs.end(job, 'cancelled', { error: settlement.error }, job.attempts + (settlement.hasRun ? 1 : 0));
        break;
      case 'retry':
        job.attempts++;
        job.error = settlement.error;
        job.unknownSince = undefined;
        this.jobs.changed(job);
        this.waiting.toBack(job, settlement.delay, now);
        break;
      case 'release':
        job.unknownSince = settlement.unknown ? (job.unknownSince ?? now) : undefined;
        this.jobs.changed(job);
        if (!keepsTurn(settlement)) this.waiting.toBack(job, settlement.delay, now);
        break;
    }
  }
}

/** Tells whether a settlement puts its job at the front of the queue, without a delay. */
function keepsTurn(settlement: Settlement): boolean {
  return settlement.kind === 'release' && settlement.position === 'front' && settlement.delay === 0;
}
