import type { ClaimedJob, Settlement, StoredStatus } from '../../lib/drivers/queue-driver.interface.js';
import type { JobNote, LoggedLines } from '../../lib/job/attempt-desk.interface.js';
import type { DebounceKey, UniqueKey } from '../../lib/drivers/job-traits.interface.js';
import type { JobState } from '../../lib/job/job-status.js';
import { QUEUE, type FailureSnapshot } from './subject.interface.js';

type Release = Extract<Settlement, { kind: 'release' }>;

/** A live job, in any place. */
export class ModelJob {
  attempts = 0;
  queue = QUEUE;
  /** The newest one first. */
  readonly failures: FailureSnapshot[] = [];
  crashes = 0;
  unknownSince: number | undefined;
  waitsSince: number | undefined;
  releases: number | undefined;
  /** The progress that it told last, as JSON text. */
  progress: string | undefined;
  checkpoint: string | undefined;
  /** The last lines of its log. */
  logs: readonly string[] = [];
  /** The fence of the attempt that logged last, and how many lines it has logged. */
  private logged = { fence: 0, count: 0 };
  /** The fence and the number of its last note. */
  private lastNote = { fence: 0, number: 0 };
  /** The status that a driver reports. */
  told: StoredStatus;
  /** The status that was last written. A driver reports that the job is due, but does not write it. */
  stored: StoredStatus | undefined;

  constructor(
    readonly id: string,
    public body: string,
    public pushedAt: number,
    delayed: boolean,
    /** Its name, if the application chose its id. */
    readonly name: string | undefined,
    keepsStatuses: boolean,
    public priority = 0,
    readonly unique?: UniqueKey,
    readonly debounce?: DebounceKey,
    public group?: string | undefined,
  ) {
    this.told = this.statusOf(delayed ? 'delayed' : 'queued', 0, pushedAt);
    this.stored = name !== undefined && keepsStatuses ? this.told : undefined;
  }

  /** @returns the job that a consumer claims */
  begin(now: number): Omit<ClaimedJob, 'fence'> {
    const { id, body, pushedAt, crashes, unknownSince, checkpoint, waitsSince, releases } = this;
    const attempt = this.attempts + 1;
    this.write('processing', attempt, now);
    const unknownFor = unknownSince === undefined ? 0 : Math.max(1, now - unknownSince);
    const job = { id, body, pushedAt, attempt, crashes, unknownFor };
    const more = Object.entries({ checkpoint, waitsSince, releases }).filter(([, value]) => value !== undefined);
    return { ...job, ...Object.fromEntries(more) };
  }

  /** Notes that the attempt that runs has failed. */
  fail(error: string, now: number): void {
    this.failures.unshift({ attempt: this.attempts + 1, endedAt: now, error });
    this.failures.splice(10);
  }

  retry(error: string, now: number): void {
    this.fail(error, now);
    this.attempts++;
    this.unknownSince = undefined;
    this.write('retrying', this.attempts, now, error);
  }

  release(delay: number, { unknown = false, position, hasStarted }: Release, now: number): void {
    this.unknownSince = unknown ? (this.unknownSince ?? now) : undefined;
    if (position === 'back' && !unknown) this.releases = (this.releases ?? 0) + 1;
    if (position === 'front' && hasStarted) this.releases ??= 0;
    this.write(delay > 0 ? 'delayed' : 'queued', this.attempts, now);
  }

  lose(error: string, now: number): void {
    this.fail(error, now);
    this.crashes++;
    this.write('retrying', this.attempts + 1, now, error);
  }

  /** The job has failed, and is put back as a new one, with its log. */
  restart(now: number, queue = QUEUE): void {
    this.queue = queue;
    this.attempts = 0;
    this.crashes = 0;
    this.unknownSince = undefined;
    this.waitsSince = now;
    this.releases = 0;
    this.progress = undefined;
    this.checkpoint = undefined;
    this.lastNote = { fence: 0, number: 0 };
    this.write('queued', 0, now);
  }

  /** Takes a note, unless a later one was taken. */
  note(fence: number, number: number, note: JobNote): void {
    if (this.lastNote.fence === fence && this.lastNote.number >= number) return;
    this.lastNote = { fence, number };
    this.take(fence, note);
    this.told = this.withProgress(this.told);
    this.stored &&= this.told;
  }

  /** Takes what a note or a settlement tells. */
  take(fence: number, { progress = this.progress, checkpoint = this.checkpoint, log }: JobNote): void {
    this.progress = progress;
    this.checkpoint = checkpoint;
    if (log) this.addLines(fence, log);
  }

  /** Returns how many lines an attempt has logged. */
  loggedBy(fence: number): number {
    return this.logged.fence === fence ? this.logged.count : 0;
  }

  private addLines(fence: number, { before, lines }: LoggedLines): void {
    for (const [i, line] of lines.entries()) {
      if (before + i < this.loggedBy(fence)) continue;
      this.logs = [...this.logs, line].slice(-100);
      this.logged = { fence, count: before + i + 1 };
    }
  }

  isDue(): void {
    if (this.told.state === 'delayed') this.told = { ...this.told, state: 'queued' };
  }

  /** Somebody changes when the job is due: only its state changes. */
  becomes(state: 'queued' | 'delayed'): void {
    const change = (status: StoredStatus): StoredStatus =>
      status.state === 'queued' || status.state === 'delayed' ? { ...status, state } : status;
    this.told = change(this.told);
    this.stored &&= change(this.stored);
  }

  statusOf(state: JobState, attempt: number, now: number, error?: string): StoredStatus {
    const updatedAt = Math.floor(now / 1000) * 1000;
    return this.withProgress({ state, queue: this.queue, updatedAt, attempt, ...(error !== undefined && { error }) });
  }

  private withProgress(status: StoredStatus): StoredStatus {
    return this.progress === undefined ? status : { ...status, progress: this.progress };
  }

  private write(state: JobState, attempt: number, now: number, error?: string): void {
    this.told = this.statusOf(state, attempt, now, error);
    this.stored = this.told;
  }
}
