import type { ApplicationConfig } from '@nestjs/core';
import type { AnyJobDefinition } from '../job/job-definition.js';
import type { JobContext } from '../job/job-context.js';
import type { JobForm } from '../job/job-record.js';
import type { JobClass } from '../job/job.interface.js';
import { InvalidJobError } from '../queue.errors.js';
import { AttemptScope } from './attempt-scope.js';
import {
  ENHANCER_KINDS,
  readBound,
  readDecoratedParameters,
  type EnhancedMethod,
} from './enhancers/enhancer-metadata.js';
import { globalEnhancersOf } from './enhancers/job-enhancers.js';
import { HandlerForm } from './handler-form.js';
import type { InstanceSource } from './instance-source.js';
import { JobAttempt, type JobInstance } from './job-attempt.js';
import type { JobSettings } from './job-settings.js';
import type { MiddlewareSet } from './middleware/middleware-set.js';
import type {
  ChunkSeat,
  HandleChunk,
  PreparedJob,
  RegisteredJob,
  RegisteredJobOptions,
} from './registered-job.interface.js';

/** The methods of a class with `handleChunk` that the library calls. */
export type ChunkInstance = JobInstance & { readonly handleChunk: HandleChunk };

/** A job class with `handleChunk`: the attempts of one call share its instance. */
export class DiscoveredChunkJob implements RegisteredJob {
  readonly name: string;
  readonly options: RegisteredJobOptions;
  readonly definition: AnyJobDefinition | undefined;
  readonly takesData = true;
  private readonly form: HandlerForm;

  constructor(
    readonly jobClass: JobClass<object>,
    { name, options, definition }: JobSettings,
    private readonly handlers: InstanceSource<JobInstance>,
    /** Finds the providers that the class needs. @throws InvalidJobError if a provider is missing */
    readonly check: () => void,
    /** The middleware around each attempt; missing if there is none. */
    private readonly middleware?: MiddlewareSet,
  ) {
    this.name = name;
    this.options = options;
    this.definition = definition;
    this.form = new HandlerForm(jobClass.name, true, handlers);
  }

  dehydrate(): never {
    throw InvalidJobError.instanceOfChunk(this.jobClass.name);
  }

  prepare(form: JobForm, data: unknown, context: JobContext, seat: ChunkSeat): PreparedJob | Promise<PreparedJob> {
    if (form !== 'handler') throw InvalidJobError.instanceOfChunk(this.jobClass.name);
    const { handlers } = this;
    const { call } = seat;
    const take = (): ReturnType<typeof handlers.get> => handlers.get(new AttemptScope(call.context));
    // A provider of the request has to find all items in it.
    const instance = call.share(() => (handlers.fixed ? take() : call.gathered.then(take)));
    const prepare = (made: JobInstance): PreparedJob =>
      new ChunkAttempt(this.form, made as ChunkInstance, data, context, seat);
    const prepared = instance instanceof Promise ? instance.then(prepare) : prepare(instance);
    return this.middleware ? this.middleware.around(prepared, context, new AttemptScope(context)) : prepared;
  }
}

/** Runs one attempt of a job in a call that it shares with others. */
class ChunkAttempt extends JobAttempt {
  constructor(
    form: HandlerForm,
    private readonly handler: ChunkInstance,
    data: unknown,
    context: JobContext,
    private readonly seat: ChunkSeat,
  ) {
    super(form, handler, data, context, null);
  }

  override handle(): unknown {
    return this.seat.join((items, chunk) => this.handler.handleChunk(items, chunk));
  }
}

/**
 * Refuses guards, pipes, interceptors and filters: they cannot run around a call of `handleChunk`.
 *
 * @param globals the configuration that has the global enhancers, if they run for jobs
 * @throws InvalidJobError
 */
export function refuseEnhancers(
  className: string,
  method: EnhancedMethod,
  globals: ApplicationConfig | undefined,
): void {
  const kinds = ENHANCER_KINDS.filter(
    (kind) => readBound(kind, method).length > 0 || (globals && globalEnhancersOf(kind, globals).length > 0),
  );
  const hasParameters = readDecoratedParameters(method, 'handleChunk').length > 0;
  const given = hasParameters ? [...kinds, 'parameter decorators'] : kinds;
  if (given.length > 0) throw InvalidJobError.enhancedChunk(className, given.join(', '));
}
