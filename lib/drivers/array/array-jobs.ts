import { nameInRecord } from '../../job/job-record.js';
import { isEnd, type JobState } from '../../job/job-status.js';
import type { MonotonicClock } from '../../support/clock.js';
import type { JobNote } from '../../job/attempt-desk.interface.js';
import type { KeptResult } from '../../job/kept-result.js';
import { MEMBER_KNOWN_FOR } from '../queue-flows.interface.js';
import type { RetentionOf } from '../queue-retention.interface.js';
import type { CancelledJob } from '../queue-cancellations.interface.js';
import type { StoredStatus } from '../queue-driver.interface.js';
import type { JobEnd } from '../queue-waits.interface.js';
import { attemptOf, statusOf, takeNote, toStatus, withProgress, type ArrayJob } from './array-job.js';
import type { NodeOutcome } from './array-flow.js';
import { toEnd } from './array-end.js';
import { ArrayUnique } from './array-unique.js';
import { ExpiringMap } from './expiring-map.js';

/** The job that has an id. */
export interface IdHolder {
  readonly queue: string;
  /** Missing if it is not known. */
  readonly name?: string;
  readonly lives: boolean;
}

/** Takes the outcomes of the members of flows. */
export interface MemberFlows {
  /** The noted outcomes that no flow has got yet. */
  readonly noted: readonly unknown[];
  note(job: ArrayJob, outcome: NodeOutcome, result?: string): void;
  handOver(): void;
}

/** A status that is kept, with the name of the job if the application gave the id. */
interface KeptStatus {
  readonly status: StoredStatus;
  readonly name: string | undefined;
}

/**
 * Holds the jobs of all queues and their status, by job id:
 *
 * 1. derives the status of a live job from its place;
 * 2. keeps the status of an ended job for its retention;
 * 3. gives unique jobs their keys, and frees them;
 * 4. keeps a status that the application wrote, until the job changes its status itself, at most for the status time.
 */
export class ArrayJobs {
  private readonly live = new Map<string, ArrayJob>();
  /** The reasons of cancelled jobs that have not ended yet, by id. */
  private readonly cancelled = new Map<string, string | undefined>();
  private readonly written: ExpiringMap<KeptStatus>;
  readonly unique: ArrayUnique;
  /** Called with each job that a push has added. */
  onPush: ((job: ArrayJob) => void) | undefined;

  /** @param statusTtl seconds */
  constructor(
    private readonly statusTtl: number,
    private readonly retention: RetentionOf,
    private readonly clock: MonotonicClock,
    /** Called when a job has ended, or was dropped. */
    private readonly onEnd: (id: string, end: JobEnd) => void,
    readonly flows?: MemberFlows,
  ) {
    this.written = new ExpiringMap(statusTtl * 1000, clock);
    this.unique = new ArrayUnique(clock);
  }

  isLive(id: string): boolean {
    return this.live.has(id);
  }

  /** Returns a live job; `undefined` if there is none. */
  find(id: string): ArrayJob | undefined {
    return this.live.get(id);
  }

  /** Returns the live jobs of a queue. */
  of(queue: string): ArrayJob[] {
    return [...this.live.values()].filter((job) => job.queue === queue);
  }

  /** Returns the job that has an id; `undefined` if the id is free. */
  holderOf(id: string): IdHolder | undefined {
    const job = this.live.get(id);
    if (job) return { queue: job.queue, name: job.name ?? nameInRecord(job.body), lives: true };
    const kept = this.written.get(id);
    return kept && { queue: kept.status.queue, name: kept.name, lives: false };
  }

  add(job: ArrayJob): void {
    this.live.set(job.id, job);
    this.written.delete(job.id);
    if (job.traits.unique) this.unique.take(job);
  }

  /** A failed job was put back. */
  retried(job: ArrayJob): void {
    if (job.traits.flow) this.flows?.note(job, 'retried');
  }

  /** Records that a live job changes its status now. */
  changed(job: ArrayJob): void {
    job.changedAt = this.clock.now();
    this.written.delete(job.id);
  }

  /** Remembers that a claimed job was cancelled. The first reason counts. */
  cancel(id: string, reason: string | undefined): void {
    if (!this.cancelled.has(id)) this.cancelled.set(id, reason);
  }

  isCancelled(id: string): boolean {
    return this.cancelled.has(id);
  }

  /** Returns which of these jobs are cancelled. */
  cancelledOf(jobs: ReadonlyMap<string, ArrayJob>): CancelledJob[] {
    if (this.cancelled.size === 0) return [];
    const held = [...this.cancelled].filter(([id]) => jobs.has(id));
    return held.map(([id, reason]) => (reason === undefined ? { id } : { id, reason }));
  }

  /**
   * Ends a job, and keeps its status.
   *
   * @param keep seconds; 0 to keep none, unless its result is kept longer
   * @param attempt the number of its last attempt
   */
  end(
    job: ArrayJob,
    state: 'completed' | 'failed' | 'cancelled',
    keep: number,
    { error, result, isOnlyTold, keepFor = 0, hasExpired }: KeptResult & { readonly hasExpired?: true } = {},
    attempt: number = attemptOf(job),
  ): void {
    this.live.delete(job.id);
    this.cancelled.delete(job.id);
    if (job.traits.unique) this.unique.free(job, state === 'cancelled');
    const end = withProgress(toStatus(state, job.queue, this.clock.now(), attempt, error), job.progress);
    const whole = result === undefined ? end : { ...end, result };
    const status = isOnlyTold ? end : whole;
    const knownFor = job.traits.flow || job.traits.isScheduled ? MEMBER_KNOWN_FOR : 0;
    this.written.set(job.id, { status, name: job.name }, Math.max(keep, keepFor, knownFor) * 1000);
    if (job.traits.flow) this.flows?.note(job, hasExpired ? 'failed' : state, result);
    this.onEnd(job.id, toEnd(whole, job.failures[0], true));
  }

  /** Removes the status of an ended job of a queue, unless another queue has its id now. */
  forget(id: string, queue: string): void {
    if (!this.live.has(id) && !this.isElsewhere(id, queue)) this.written.delete(id);
  }

  /** Removes the statuses of all ended jobs of a queue, and the keys of unique ones. */
  forgetQueue(queue: string): void {
    for (const [id, { status }] of this.written) if (status.queue === queue) this.written.delete(id);
    this.unique.clear(queue);
  }

  /** Removes a job and its status. */
  drop(job: ArrayJob): void {
    this.live.delete(job.id);
    this.cancelled.delete(job.id);
    this.written.delete(job.id);
    if (job.traits.unique) this.unique.free(job, true);
    if (job.traits.flow) {
      const status = toStatus('cancelled', job.queue, this.clock.now(), 0, undefined);
      this.written.set(job.id, { status, name: job.name }, MEMBER_KNOWN_FOR * 1000);
      this.flows?.note(job, 'cancelled');
    }
    this.onEnd(job.id, toEnd(null));
  }

  /** Tells whether another queue than that of an ended job has its id now. */
  isElsewhere(id: string, queue: string): boolean {
    const owner = this.statusOf(id)?.queue ?? '';
    return owner !== '' && owner !== queue;
  }

  statusOf(id: string): StoredStatus | null {
    const written = this.written.get(id);
    if (written) return { ...written.status };
    const job = this.live.get(id);
    return job ? statusOf(job) : null;
  }

  /** Overwrites a status. If the job is not known, the status has an empty queue name. */
  overwrite(id: string, state: JobState, error?: string): void {
    const { queue = '', attempt = 0, progress, result }: Partial<StoredStatus> = this.statusOf(id) ?? {};
    const name = this.written.get(id)?.name ?? this.live.get(id)?.name;
    const status = withProgress(toStatus(state, queue, this.clock.now(), attempt, error), progress);
    const whole = result === undefined ? status : { ...status, result };
    // An id must not become free while its job is kept.
    const time = Math.max(this.keepFor(queue, state) * 1000, this.written.timeLeft(id));
    this.written.set(id, { status: whole, name }, time);
  }

  /** Takes what a claimed job tells. A status that the application wrote stays, with the new progress. */
  note(job: ArrayJob, note: JobNote): void {
    takeNote(job, note);
    const written = this.written.get(job.id);
    if (written) this.written.replace(job.id, { ...written, status: withProgress(written.status, job.progress) });
  }

  private keepFor(queue: string, state: JobState): number {
    if (queue === '' || !isEnd(state)) return this.statusTtl;
    const { completed, failed } = this.retention(queue);
    return state === 'failed' ? failed : completed;
  }
}
