import type { JobContext } from '../../job/job-context.js';
import type { JobMiddleware } from '../../job/middleware.interface.js';
import type { AttemptScope } from '../attempt-scope.js';
import { takeAll, type InstanceSource } from '../instance-source.js';
import type { PreparedJob } from '../registered-job.interface.js';
import { AttemptInMiddleware } from './run-middleware.js';

/** The middleware around the attempts of one job class: that of the module, then that of the class. */
export class MiddlewareSet {
  constructor(private readonly sources: readonly InstanceSource<JobMiddleware>[]) {}

  /** Finds the providers that the middleware needs. @throws InvalidJobError if a provider is missing */
  check(): void {
    for (const source of this.sources) source.check?.();
  }

  /** Puts the middleware around an attempt. Request-scoped middleware shares the scope of the attempt. */
  around(
    prepared: PreparedJob | Promise<PreparedJob>,
    context: JobContext,
    scope: AttemptScope,
  ): PreparedJob | Promise<PreparedJob> {
    const taken = takeAll(this.sources, scope);
    if (!(prepared instanceof Promise || taken instanceof Promise)) {
      return new AttemptInMiddleware(prepared, taken, context);
    }
    return Promise.all([prepared, taken]).then(
      ([made, middleware]: [PreparedJob, JobMiddleware[]]) => new AttemptInMiddleware(made, middleware, context),
    );
  }
}
