import type { JobTraits } from '../drivers/job-traits.interface.js';
import type { JobEnd, QueueWaits } from '../drivers/queue-waits.interface.js';
import type { DispatchResult } from '../middleware/dispatch-stage.js';
import { JobCancelledError, JobFailedError, JobNotFoundError, QueueClosedError } from '../queue.errors.js';
import type { MonotonicClock } from '../support/clock.js';
import { OngoingWait } from './ongoing-wait.js';
import type { WaitLimits } from './wait-options.js';

/** A job that is about to be pushed. */
export interface AwaitedPush {
  readonly id: string;
  readonly queue: string;
  /** True if the application gave the id. */
  readonly isGiven: boolean;
  readonly traits?: JobTraits;
  /** @param ticket of the wait; missing if the storage needs none */
  push(ticket: string | undefined): Promise<DispatchResult>;
}

/** Waits for jobs on behalf of the callers of this process. */
export class JobWaiter {
  private readonly ongoing = new Set<OngoingWait>();

  /** @param decode reads the text of a result */
  constructor(
    /** The driver. A test may have replaced it by nothing: so its waits are read when they are needed. */
    private readonly driver: { readonly waits: QueueWaits },
    private readonly clock: MonotonicClock,
    private readonly decode: (id: string, text: string) => unknown,
  ) {}

  /** Resolves with the result of a job; `undefined` if none is kept. @throws as `QueueManager.waitFor` */
  async waitFor(id: string, limits: WaitLimits): Promise<unknown> {
    limits.signal?.throwIfAborted();
    const wait = this.begin(id, limits);
    wait.follow(id).catch((error: unknown) => wait.fail(error));
    const [jobId, end] = await wait.ended;
    return this.read(jobId, end, false);
  }

  /** Pushes a job, and resolves with its result. @throws as `QueueManager.pushAndWait` */
  async pushAndWait(push: AwaitedPush, limits: WaitLimits): Promise<unknown> {
    limits.signal?.throwIfAborted();
    const wait = this.begin(push.id, limits);
    wait.isPushed = false;
    let isOwn = true;
    // The wait has its own time, however long the push takes.
    this.push(wait, push).then(
      (isNew) => (isOwn = isNew),
      (error: unknown) => wait.fail(error),
    );
    const [id, end] = await wait.ended;
    return this.read(id, end, isOwn);
  }

  /** Rejects all waits, because the application ends. */
  close(): void {
    for (const wait of this.ongoing) wait.fail(new QueueClosedError());
  }

  /** @returns false if the job was there already */
  private async push(wait: OngoingWait, awaited: AwaitedPush): Promise<boolean> {
    const ticket = await wait.follow(awaited.id, awaited);
    // The time may be up, or the signal aborted: then nothing is pushed.
    if (wait.isOver) return true;
    wait.isPushed = true;
    const { id, outcome } = await awaited.push(ticket);
    // A job that was replaced keeps its id.
    const isNew = outcome !== 'duplicate' && outcome !== 'replaced';
    if (isNew) wait.arrived();
    else await wait.follow(id);
    return isNew;
  }

  private begin(id: string, limits: WaitLimits): OngoingWait {
    const wait = new OngoingWait(id, this.driver.waits, this.clock, limits, (over) => this.ongoing.delete(over));
    this.ongoing.add(wait);
    return wait;
  }

  /** @param isOwn true if the caller has pushed the job, so that its result was stored for it */
  private read(id: string, end: JobEnd, isOwn: boolean): unknown {
    switch (end.state) {
      case 'completed':
        if (end.result !== undefined) return this.decode(id, end.result);
        if (isOwn && end.error !== undefined) throw new JobNotFoundError(id, `it has completed. ${end.error}`);
        if (isOwn && !end.isWhole)
          throw new JobNotFoundError(id, 'it has completed, and its result is not kept any more');
        return undefined;
      case 'failed': {
        const { error: message, name = 'Error', attempt, stack } = end;
        throw new JobFailedError(id, attempt, { name, message, ...(stack !== undefined && { stack }) });
      }
      case 'cancelled':
        throw new JobCancelledError(id, end.error);
      case 'gone':
        throw new JobNotFoundError(id);
    }
  }
}
