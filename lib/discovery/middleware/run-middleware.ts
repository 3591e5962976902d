import { settle } from '../../job/handler-result.js';
import type { JobContext } from '../../job/job-context.js';
import type { JobMiddleware } from '../../job/middleware.interface.js';
import type { PreparedJob } from '../registered-job.interface.js';

type Enter = (middleware: JobMiddleware, next: () => Promise<unknown>) => unknown;

/** An attempt with middleware around it: the first one is the outermost. */
export class AttemptInMiddleware implements PreparedJob {
  constructor(
    private readonly inner: PreparedJob,
    private readonly middleware: readonly JobMiddleware[],
    private readonly context: JobContext,
  ) {}

  maxTries(): number | undefined {
    return this.inner.maxTries();
  }

  retryDelay(): number | undefined {
    return this.inner.retryDelay();
  }

  handle(): Promise<unknown> {
    const { context } = this;
    // What a test has put in the place of a class may lack the method.
    return this.run(
      (each, next) => (each.handle ? each.handle(context, next) : next()),
      this.inner.handle.bind(this.inner),
    );
  }

  failed(error: Error): Promise<unknown> {
    const { context } = this;
    return this.run(
      (each, next) => (each.failed ? each.failed(error, context, next) : next()),
      () => this.inner.failed(error),
    );
  }

  cancelled(reason: string | undefined): unknown {
    return this.inner.cancelled(reason);
  }

  /**
   * Each call begins before the first `await` of its caller, so that an `AsyncLocalStorage` which a middleware enters reaches the
   * handler.
   */
  private async run(enter: Enter, end: () => unknown, index = 0): Promise<unknown> {
    const each = this.middleware[index];
    if (!each) return settle(end(), this.context);
    let rest: Promise<unknown> | undefined;
    return settle(
      enter(each, () => (rest ??= this.run(enter, end, index + 1))),
      this.context,
    );
  }
}
