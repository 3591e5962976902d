import { isUnfinished, settle } from '../job/handler-result.js';
import type { JobControl } from '../job/job-context.js';
import type { JobOutcome } from '../job/job-outcome.js';
import type { Attempt } from '../middleware/job-stage.js';
import type { AttemptTracker, TrackedAttempt } from '../support/attempt-tracker.js';
import { JobExecutor, type ExecutorParts } from './job-executor.js';

/**
 * Runs each attempt in an asynchronous context that knows the attempt. So an error that nobody caught can be told to the
 * attempt whose code threw it, and fails that attempt while it runs.
 */
export class TrackedExecutor extends JobExecutor {
  constructor(
    parts: ExecutorParts,
    private readonly tracker: AttemptTracker,
  ) {
    super(parts);
  }

  protected override async run(attempt: Attempt): Promise<JobOutcome> {
    return this.tracker.run(new RunningAttempt(attempt), () => super.run(attempt));
  }

  protected override start(attempt: Attempt): unknown {
    const result = super.start(attempt);
    if (typeof result !== 'object' || result === null) return result;
    return this.until(isUnfinished(result) || isThenable(result) ? settle(result, attempt.control) : result);
  }

  protected override async finishFailed(attempt: Attempt, result: unknown, control: JobControl): Promise<unknown> {
    return this.until(super.finishFailed(attempt, result, control));
  }

  /** Ends work also by an error of its code that nobody caught. */
  private until(work: unknown): unknown {
    const running = this.tracker.getStore();
    return running instanceof RunningAttempt && isThenable(work) ? running.until(work) : work;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

class RunningAttempt implements TrackedAttempt {
  private reject: ((error: Error) => void) | undefined;

  constructor(private readonly attempt: Attempt) {}

  get id(): string {
    return this.attempt.job.id;
  }

  get name(): string {
    return this.attempt.name;
  }

  get queue(): string {
    return this.attempt.queue;
  }

  fail(error: Error): boolean {
    const { reject } = this;
    this.reject = undefined;
    reject?.(error);
    return reject !== undefined;
  }

  /** Resolves like the work, and rejects if the attempt is failed before that. */
  async until(work: PromiseLike<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.reject = reject;
      const end =
        <T>(pass: (value: T) => void) =>
        (value: T): void => {
          this.reject = undefined;
          pass(value);
        };
      work.then(end(resolve), end(reject));
    });
  }
}
