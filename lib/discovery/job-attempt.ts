import { attemptDurationCheck, maxTriesCheck } from '../job/attempt-options.reader.js';
import type { JobContext } from '../job/job-context.js';
import { InvalidOptionError } from '../queue.errors.js';
import type { Check } from '../support/checks.js';
import type { EnhancerSet } from './enhancers/job-enhancers.js';
import { runEnhanced, type EnhancedForm } from './enhancers/run-enhanced.js';
import type { PreparedJob } from './registered-job.interface.js';

/** The methods of a job class that the library calls. */
export interface JobInstance {
  handle(...args: unknown[]): unknown;
  failed?(...args: unknown[]): unknown;
  cancelled?(...args: unknown[]): unknown;
  getMaxTries?(): unknown;
  getRetryDelay?(): unknown;
}

/** Calls the methods of a job: the arguments depend on the form. */
export interface CallingForm extends EnhancedForm {
  handle(instance: JobInstance, data: unknown, context: JobContext): unknown;
  failed(instance: JobInstance, error: Error, data: unknown, context: JobContext): unknown;
  cancelled(instance: JobInstance, reason: string | undefined, data: unknown, context: JobContext): unknown;
  /** Returns the data that guards and other enhancers see. */
  visibleData(instance: JobInstance, data: unknown): unknown;
}

/** Runs one attempt of a job, with the enhancers of its class around `handle`. */
export class JobAttempt implements PreparedJob {
  constructor(
    private readonly form: CallingForm,
    protected readonly instance: JobInstance,
    protected readonly data: unknown,
    protected readonly context: JobContext,
    private readonly enhancers: EnhancerSet | null,
    /** True if nothing runs around `handle(data, context)`: most jobs are of this kind, and need no form. */
    private readonly isPlain = false,
  ) {}

  maxTries(): number | undefined {
    return this.instance.getMaxTries && this.ask('getMaxTries', maxTriesCheck);
  }

  retryDelay(): number | undefined {
    return this.instance.getRetryDelay && this.ask('getRetryDelay', attemptDurationCheck);
  }

  handle(): unknown {
    const { form, instance, data, context, enhancers } = this;
    if (this.isPlain) return instance.handle(data, context);
    if (!enhancers) return form.handle(instance, data, context);
    return runEnhanced({ form, instance, args: [form.visibleData(instance, data), context] }, enhancers);
  }

  failed(error: Error): unknown {
    return this.form.failed(this.instance, error, this.data, this.context);
  }

  cancelled(reason: string | undefined): unknown {
    return this.form.cancelled(this.instance, reason, this.data, this.context);
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
