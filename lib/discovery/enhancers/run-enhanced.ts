import { AsyncResource } from 'node:async_hooks';
import { ForbiddenException, type CallHandler, type NestInterceptor, type PipeTransform } from '@nestjs/common';
import { defer, mergeAll, type Observable } from 'rxjs';
import { settle, toObservable } from '../../job/handler-result.js';
import type { JobContext } from '../../job/job-context.js';
import { isError } from '../../support/error-reading.js';
import { errorMessage, errorStack, toError } from '../../support/error-text.js';
import { readCaughtTypes, readParameterTypes } from './enhancer-metadata.js';
import type { EnhancerSet, ParameterWithPipes } from './job-enhancers.js';
import { JobExecutionContext } from './job-execution-context.js';

/** The data and the context of an attempt, as enhancers see them. */
type Arguments = readonly [data: unknown, context: JobContext];

/** How many causes of an error are looked at. */
const LONGEST_CAUSE = 10;

/** The form of a job: it decides which arguments `handle` takes. */
export interface EnhancedForm {
  /** Passes the data through the pipes, and returns the arguments of `handle`. */
  pipeArguments(args: Arguments, enhancers: EnhancerSet): Promise<unknown[]>;
}

/** A call of `handle` that has enhancers around it. */
export interface EnhancedCall {
  readonly form: EnhancedForm;
  readonly instance: { handle(...args: unknown[]): unknown };
  readonly args: Arguments;
}

/**
 * Runs `handle` as Nest runs a method of a controller: guards, interceptors, pipes, the method, and filters around them.
 *
 * Nest's `ExternalContextCreator` is not used, for three reasons: it silently leaves out the guards of a class that is no
 * provider; it logs each error with all its properties; and if a filter returns nothing, it treats the error as not
 * handled.
 *
 * @throws ForbiddenException if a guard refuses; any error of the enhancers or the method, unless a filter returns
 */
export async function runEnhanced(call: EnhancedCall, enhancers: EnhancerSet): Promise<unknown> {
  const context = new JobExecutionContext(enhancers.method, call.args);
  const [, job] = call.args;
  try {
    // Not in a function of its own: what a guard enters after an `await` there would not reach the handler.
    for (const guard of enhancers.guards) {
      const answer = guard.canActivate(context);
      // A boolean is not awaited: after an `await` the asynchronous context that a guard entered would be lost.
      const isAllowed = typeof answer === 'boolean' ? answer : await settle(answer, job);
      if (!isAllowed) throw new ForbiddenException('Forbidden resource');
    }
    const result = await intercept(enhancers.interceptors, context, () => callMethod(call, enhancers, context));
    return await settle(result, job);
  } catch (error) {
    const filter = enhancers.filters.find((candidate) => catches(readCaughtTypes(candidate), error));
    if (!filter) throw error;
    const handleError = filter.catch.bind(filter);
    try {
      return await settle(handleError(error, context), job);
    } catch (thrown) {
      throw errorOf(error, thrown, enhancers, job);
    }
  }
}

/**
 * Decides which error counts if a filter throws: the one of the job. The other one is often a fault of the filter, which was
 * written for HTTP, and is logged. A filter that translates the error says so: it gives it as the `cause`.
 */
function errorOf(error: unknown, thrown: unknown, { logger }: EnhancerSet, { name, id }: JobContext): unknown {
  for (let each: unknown = thrown, level = 0; level < LONGEST_CAUSE; level++) {
    if (each === error) return thrown;
    if (!isError(each)) break;
    each = each.cause;
  }
  const failure = toError(thrown);
  logger.error(
    `A filter of ${name} ${id} threw, so that the error of the job counts: ${errorMessage(failure)}`,
    errorStack(failure),
  );
  return error;
}

/** Calls the method inside the interceptors. The result may be an observable, which is not subscribed to yet. */
async function intercept(
  interceptors: readonly NestInterceptor[],
  context: JobExecutionContext,
  method: () => Promise<unknown>,
): Promise<unknown> {
  const enter = async (index: number): Promise<Observable<unknown>> => {
    const interceptor = interceptors[index];
    // As in a controller, interceptors see each value of an observable, and unsubscribe from it.
    if (!interceptor) return toObservable(await method());
    // Bound to the caller of `handle()`: otherwise an AsyncLocalStorage that an interceptor sets up there would not
    // reach the job.
    const next: CallHandler = { handle: () => defer(AsyncResource.bind(() => enter(index + 1))).pipe(mergeAll()) };
    return interceptor.intercept(context, next);
  };
  return interceptors.length === 0 ? method() : enter(0);
}

async function callMethod(
  { form, instance, args: visible }: EnhancedCall,
  enhancers: EnhancerSet,
  context: JobExecutionContext,
): Promise<unknown> {
  const args = await form.pipeArguments(visible, enhancers);
  await Promise.all(
    enhancers.parameters.map(async (item) => {
      args[item.parameter.index] = await readParameter(item, enhancers, context);
    }),
  );
  return instance.handle(...args);
}

function readParameter(
  { parameter, pipes }: ParameterWithPipes,
  enhancers: EnhancerSet,
  context: JobExecutionContext,
): Promise<unknown> {
  return Promise.resolve(parameter.factory(parameter.data, context)).then((value) =>
    applyPipes([...enhancers.pipes, ...pipes], value, {
      type: 'custom',
      metatype: readParameterTypes(enhancers.method)?.[parameter.index],
      data: parameter.data as string | undefined,
      // Nest 12 passes a schema on, Nest 11 has none.
      ...(parameter.schema === undefined ? {} : { schema: parameter.schema as never }),
    }),
  );
}

/**
 * Passes a value through pipes, one after the other. Returns a promise only if a pipe does, so that what a pipe enters
 * (`AsyncLocalStorage.enterWith()`) reaches the next one and the handler.
 */
export function applyPipes(
  pipes: readonly PipeTransform[],
  value: unknown,
  metadata: Parameters<PipeTransform['transform']>[1],
): unknown {
  let result = value;
  for (const [index, pipe] of pipes.entries()) {
    result = pipe.transform(result, metadata);
    if (isThenable(result)) {
      return Promise.resolve(result).then((next: unknown) => applyPipes(pipes.slice(index + 1), next, metadata));
    }
  }
  return result;
}

function isThenable(value: unknown): boolean {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

function catches(types: ReturnType<typeof readCaughtTypes>, error: unknown): boolean {
  return types.length === 0 || types.some((type) => error instanceof type);
}
