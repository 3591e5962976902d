import { replaceData, type JobContext } from '../job/job-context.js';
import { InvalidJobError } from '../queue.errors.js';
import type { AttemptScope } from './attempt-scope.js';
import { readParameterTypes } from './enhancers/enhancer-metadata.js';
import type { EnhancerSet } from './enhancers/job-enhancers.js';
import { applyPipes } from './enhancers/run-enhanced.js';
import type { InstanceSource } from './instance-source.js';
import type { CallingForm, JobInstance } from './job-attempt.js';

/** Runs jobs whose data was pushed beside their class: `handle(data, context)` of an instance that has none. */
export class HandlerForm implements CallingForm {
  constructor(
    private readonly className: string,
    /** True if data may be pushed beside the class. */
    readonly isAllowed: boolean,
    private readonly handlers: InstanceSource<JobInstance>,
  ) {}

  /** True if every attempt gets the same instance. */
  get isShared(): boolean {
    return this.handlers.fixed;
  }

  /** Finds the providers that the instances need. @throws InvalidJobError if a provider is missing */
  check(): void {
    if (this.isAllowed) this.handlers.check?.();
  }

  /** Takes the instance for an attempt. @throws InvalidJobError if the form is not allowed, or a provider is missing */
  take(_data: unknown, attempt: AttemptScope): JobInstance | Promise<JobInstance> {
    if (!this.isAllowed) throw InvalidJobError.carriesItsData(this.className);
    return this.handlers.get(attempt);
  }

  handle(instance: JobInstance, data: unknown, context: JobContext): unknown {
    return instance.handle(data, context);
  }

  failed(instance: JobInstance, error: Error, data: unknown, context: JobContext): unknown {
    return instance.failed?.(error, data, context);
  }

  cancelled(instance: JobInstance, reason: string | undefined, data: unknown, context: JobContext): unknown {
    return instance.cancelled?.(reason, data, context);
  }

  visibleData(_instance: JobInstance, data: unknown): unknown {
    return data;
  }

  /** Passes the data through the pipes, unless a parameter decorator replaces it. */
  async pipeArguments(
    [data, context]: readonly [unknown, JobContext],
    { method, pipes, parameters }: EnhancerSet,
  ): Promise<unknown[]> {
    if (parameters.some(({ parameter }) => parameter.index === 0)) return [data, context];
    const metatype = readParameterTypes(method)?.[0];
    const piped = await applyPipes(pipes, data, { type: 'body', metatype });
    if (piped !== data) replaceData(context, piped);
    return [piped, context];
  }
}
