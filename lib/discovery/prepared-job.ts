import { durationCheck, maxTriesCheck } from '../job/attempt-options.reader.js';
import type { JobContext } from '../job/job-context.js';
import { InvalidOptionError } from '../queue.errors.js';
import type { Check } from '../support/checks.js';
import type { PreparedJob } from './registered-job.interface.js';

/** As much of an instance of a job class as the library calls. */
export interface JobInstance {
  handle(...args: unknown[]): unknown;
  failed?(...args: unknown[]): unknown;
  getMaxTries?(): unknown;
  getRetryDelay?(): unknown;
}

/** What both forms have in common: the job's own say on its attempts. */
abstract class OwnPolicy {
  constructor(protected readonly instance: JobInstance) {}

  maxTries(): number | undefined {
    return this.ask('getMaxTries', maxTriesCheck);
  }

  retryDelay(): number | undefined {
    return this.ask('getRetryDelay', durationCheck);
  }

  private ask<T>(method: 'getMaxTries' | 'getRetryDelay', check: Check<T>): T | undefined {
    const answer = this.instance[method]?.();
    if (answer === undefined) return undefined;
    const read = check.read(answer);
    if (read === undefined) {
      throw new InvalidOptionError(`${this.instance.constructor.name}.${method}()`, check.expected, answer);
    }
    return read;
  }
}

/** An attempt of a job whose data was pushed beside its class. */
export class PreparedHandler extends OwnPolicy implements PreparedJob {
  constructor(
    instance: JobInstance,
    private readonly data: unknown,
    private readonly context: JobContext,
  ) {
    super(instance);
  }

  handle(): unknown {
    return this.instance.handle(this.data, this.context);
  }

  failed(error: Error): unknown {
    return this.instance.failed?.(error, this.data, this.context);
  }
}

/** An attempt of a job that carries its data. */
export class PreparedCarrier extends OwnPolicy implements PreparedJob {
  constructor(
    instance: JobInstance,
    private readonly context: JobContext,
  ) {
    super(instance);
  }

  handle(): unknown {
    return this.instance.handle(this.context);
  }

  failed(error: Error): unknown {
    return this.instance.failed?.(error, this.context);
  }
}

/** An attempt whose `handle` runs within the enhancers of its class. */
export class PreparedWithEnhancers implements PreparedJob {
  constructor(
    private readonly job: PreparedJob,
    private readonly run: () => Promise<unknown>,
  ) {}

  maxTries(): number | undefined {
    return this.job.maxTries();
  }

  retryDelay(): number | undefined {
    return this.job.retryDelay();
  }

  handle(): Promise<unknown> {
    return this.run();
  }

  failed(error: Error): unknown {
    return this.job.failed(error);
  }
}
