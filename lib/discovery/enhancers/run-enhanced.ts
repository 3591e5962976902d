import { AsyncResource } from 'node:async_hooks';
import { ForbiddenException, type CallHandler, type NestInterceptor, type PipeTransform } from '@nestjs/common';
import { defer, isObservable, lastValueFrom, mergeAll, of, type Observable } from 'rxjs';
import { readCaughtTypes, readParameterTypes } from './enhancer-metadata.js';
import type { EnhancerSet, ParameterWithPipes } from './job-enhancers.js';
import { JobExecutionContext } from './job-execution-context.js';

/** The data and the context of an attempt, as enhancers see them. */
type Arguments = readonly [data: unknown, context: unknown];

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
  try {
    await passGuards(enhancers, context);
    return await intercept(enhancers.interceptors, context, () => callMethod(call, enhancers, context));
  } catch (error) {
    const filter = enhancers.filters.find((candidate) => catches(readCaughtTypes(candidate), error));
    if (!filter) throw error;
    const handleError = filter.catch.bind(filter);
    return await resultOf(handleError(error, context));
  }
}

async function passGuards({ guards }: EnhancerSet, context: JobExecutionContext): Promise<void> {
  for (const guard of guards) {
    if (!(await resultOf(guard.canActivate(context)))) throw new ForbiddenException('Forbidden resource');
  }
}

function intercept(
  interceptors: readonly NestInterceptor[],
  context: JobExecutionContext,
  method: () => Promise<unknown>,
): Promise<unknown> {
  if (interceptors.length === 0) return method();
  const enter = async (index: number): Promise<Observable<unknown>> => {
    const interceptor = interceptors[index];
    if (!interceptor) return of(await method());
    // Bound to the caller of `handle()`: otherwise an AsyncLocalStorage that an interceptor sets up there would not
    // reach the job.
    const next: CallHandler = { handle: () => defer(AsyncResource.bind(() => enter(index + 1))).pipe(mergeAll()) };
    return interceptor.intercept(context, next);
  };
  return enter(0).then(resultOf);
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
  return resultOf(instance.handle(...args));
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

/** Passes a value through pipes, one after the other. */
export async function applyPipes(
  pipes: readonly PipeTransform[],
  value: unknown,
  metadata: Parameters<PipeTransform['transform']>[1],
): Promise<unknown> {
  let result = value;
  for (const pipe of pipes) result = await pipe.transform(result, metadata);
  return result;
}

function catches(types: ReturnType<typeof readCaughtTypes>, error: unknown): boolean {
  return types.length === 0 || types.some((type) => error instanceof type);
}

/** Waits for a promise, then for the last value of an observable; returns any other value as it is. */
async function resultOf(result: unknown): Promise<unknown> {
  const value = await result;
  return isObservable(value) ? lastValueFrom(value, { defaultValue: undefined }) : value;
}
