import type { Subject } from 'rxjs';
import type { ClaimedJob } from '../drivers/queue-driver.interface.js';
import { LeaseLostError } from '../queue.errors.js';
import type { Clock, Timer } from '../support/clock.js';
import { PrefetchBuffer, type HeldJob } from './prefetch-buffer.js';
import type { Attempt, JobExecutor } from './job-executor.js';
import { toSettlement, type JobOutcome } from './job-outcome.js';
import { toReport, type JobReport } from './job-report.js';
import type { QueueFetcher } from './queue-fetcher.js';
import { RunningJobs, type RunningJob } from './running-jobs.js';

/** How long a claimed job waits for a slot before it is given back to those who may have one, in milliseconds. */
const LONGEST_WAIT = 50;

export interface JobPoolParts {
  readonly executor: JobExecutor;
  readonly clock: Clock;
  readonly reports: Subject<JobReport>;
  /** Is told whenever a job has ended. */
  readonly onEnd: () => void;
  /** Is told how many jobs were given back that waited for too long. */
  readonly onGivenBack: (count: number) => void;
}

/**
 * The jobs that a worker holds: so many of them run, the others wait for a slot, in the order they were claimed. How each of
 * them ended is left at its queue, to be told with its next poll.
 */
export class JobPool {
  /** Whether a job ran since this was last set to false. */
  worked = false;
  private readonly active = new RunningJobs();
  private readonly buffer = new PrefetchBuffer();
  private impatience: Timer | undefined;

  /** @param count how many jobs run at once */
  constructor(
    private readonly count: number,
    private readonly parts: JobPoolParts,
  ) {}

  get running(): number {
    return this.active.size;
  }

  get waiting(): number {
    return this.buffer.size;
  }

  /** How many slots are free; less than none where jobs wait for one. */
  get free(): number {
    return this.count - this.active.size - this.buffer.size;
  }

  /** Holds jobs that were claimed; {@link fill} runs them. */
  hold(fetcher: QueueFetcher, jobs: readonly ClaimedJob[], more: boolean): void {
    const claim = fetcher.ahead.taken(jobs.length, more);
    for (const job of jobs) {
      if (job.crashes > 0) fetcher.heldRecovered++;
      this.buffer.add({ fetcher, claim, job });
    }
  }

  /** Runs what waits, as far as there are slots. */
  fill(): void {
    while (this.active.size < this.count) {
      const held = this.buffer.shift();
      if (!held) return;
      this.run(held);
    }
    if (this.buffer.size > 0) this.impatience ??= this.parts.clock.after(LONGEST_WAIT, this.onImpatience);
  }

  /** Gives back what has not begun. Returns how many jobs that were. */
  giveBack(): number {
    this.impatience?.cancel();
    this.impatience = undefined;
    const waiting = this.buffer.takeOut();
    for (const held of waiting) {
      const { fetcher } = held;
      this.letGo(held, { kind: 'requeued' });
      fetcher.ahead.reset();
      for (const each of fetcher.first.both) each.givesBack = each.isBusy;
    }
    return waiting.length;
  }

  /** Others may run the jobs that a fetcher claimed from now on. Returns how many had not begun: those never will. */
  abandon(fetcher: QueueFetcher, reason: LeaseLostError): number {
    const waiting = this.buffer.takeOut(fetcher);
    for (const held of waiting) this.letGo(held, { kind: 'abandoned' });
    for (const { attempt, held } of this.active.all()) {
      if (held.fetcher === fetcher) attempt.control.abort(reason);
    }
    return waiting.length;
  }

  /** Tells every handler to stop. */
  abort(reason: Error): void {
    for (const { attempt } of this.active.all()) attempt.control.abort(reason);
  }

  /** Ends every attempt as it stands: the jobs go back to their queues, unless those have passed them on already. */
  putBack(onEach: (attempt: Attempt) => void): void {
    for (const running of this.active.all()) {
      const { attempt } = running;
      const isHeld = !(attempt.control.aborted instanceof LeaseLostError);
      if (isHeld) onEach(attempt);
      this.conclude(running, { kind: isHeld ? 'requeued' : 'abandoned' });
    }
  }

  private run(held: HeldJob): void {
    const { executor } = this.parts;
    const attempt = executor.begin(held.fetcher.queue, held.job);
    this.worked = true;
    const running = this.active.add(attempt, held);
    void executor.execute(attempt).then((outcome) => {
      this.conclude(running, outcome);
      this.fill();
      this.parts.onEnd();
    });
  }

  private conclude(running: RunningJob, outcome: JobOutcome): void {
    // It was put back already, and what its handler says now comes too late.
    if (!this.active.remove(running)) return;
    const { attempt, held } = running;
    attempt.timeout?.cancel();
    this.letGo(held, outcome);
    const { reports, clock } = this.parts;
    if (reports.observed) reports.next(toReport(attempt, outcome, clock.now()));
  }

  private letGo({ fetcher, claim, job }: HeldJob, outcome: JobOutcome): void {
    if (job.crashes > 0) fetcher.heldRecovered--;
    fetcher.ahead.ended(claim);
    const settlement = toSettlement(job.id, job.fence, outcome);
    if (settlement) fetcher.settle(settlement);
  }

  private readonly onImpatience = (): void => {
    this.impatience = undefined;
    const { first } = this.buffer;
    if (!first) return;
    const { clock, onGivenBack } = this.parts;
    const waited = clock.now() - first.claim.takenAt;
    if (waited >= LONGEST_WAIT) onGivenBack(this.giveBack());
    else this.impatience = clock.after(LONGEST_WAIT - waited, this.onImpatience);
  };
}
