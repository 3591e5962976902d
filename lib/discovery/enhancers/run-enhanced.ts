import { AsyncResource } from 'node:async_hooks';
import { ForbiddenException, type CallHandler, type NestInterceptor, type PipeTransform } from '@nestjs/common';
import { defer, isObservable, lastValueFrom, mergeAll, of, type Observable } from 'rxjs';
import type { JobForm } from '../../job/job-record.js';
import type { JobInstance } from '../prepared-job.js';
import { readCaughtTypes, readParameterTypes, type EnhancedMethod } from './enhancer-metadata.js';
import type { EnhancerSet, ParameterWithPipes } from './job-enhancers.js';
import { JobExecutionContext } from './job-execution-context.js';

/** A call of `handle` with something around it. */
export interface EnhancedCall {
  readonly method: EnhancedMethod;
  readonly instance: JobInstance;
  /** What the enhancers see as the arguments. */
  readonly args: readonly [data: unknown, context: unknown];
  /** Whether `handle` takes the data, or the instance is the data. */
  readonly form: JobForm;
}

/**
 * Runs `handle` as Nest runs a controller's method: guards, interceptors, pipes, the method, and filters around it all.
 *
 * Nest's own way to do so (`ExternalContextCreator`) is not taken: it leaves out, without a word, guards of a class
 * that is no provider, logs each error with all its properties, and takes an error for not handled where
 * a filter returns nothing.
 *
 * @throws ForbiddenException where a guard refuses; whatever the enhancers or the method throw, unless a filter
 *   returns
 */
export async function runEnhanced(call: EnhancedCall, enhancers: EnhancerSet): Promise<unknown> {
  const context = new JobExecutionContext(call.method, call.args);
  try {
    await passGuards(enhancers, context);
    return await intercept(enhancers.interceptors, context, () => callMethod(call, enhancers, context));
  } catch (error) {
    const filter = enhancers.filters.find((candidate) => catches(readCaughtTypes(candidate), error));
    if (!filter) throw error;
    const handleError = filter.catch.bind(filter);
    return await settle(handleError(error, context));
  }
}

async function passGuards({ guards }: EnhancerSet, context: JobExecutionContext): Promise<void> {
  for (const guard of guards) {
    if (!(await settle(guard.canActivate(context)))) throw new ForbiddenException('Forbidden resource');
  }
}

function intercept(
  interceptors: readonly NestInterceptor[],
  context: JobExecutionContext,
  method: () => Promise<unknown>,
): Promise<unknown> {
  if (interceptors.length === 0) return method();
  const step = async (index: number): Promise<Observable<unknown>> => {
    const interceptor = interceptors[index];
    if (!interceptor) return of(await method());
    // Bound to where it was made: an interceptor that runs what follows within an AsyncLocalStorage must reach it.
    const next: CallHandler = { handle: () => defer(AsyncResource.bind(() => step(index + 1))).pipe(mergeAll()) };
    return interceptor.intercept(context, next);
  };
  return step(0).then(settle);
}

async function callMethod(call: EnhancedCall, enhancers: EnhancerSet, context: JobExecutionContext): Promise<unknown> {
  const args = await makeArguments(call, enhancers);
  await Promise.all(
    enhancers.parameters.map(async (item) => {
      args[item.parameter.index] = await readParameter(item, call, enhancers, context);
    }),
  );
  return settle(call.instance.handle(...args));
}

async function makeArguments(
  { form, args, method }: EnhancedCall,
  { pipes, parameters }: EnhancerSet,
): Promise<unknown[]> {
  const [data, context] = args;
  if (form === 'handler' && parameters.some(({ parameter }) => parameter.index === 0)) return [data, context];
  if (form === 'self') {
    // The instance is what runs, so that the pipes can refuse it but not put another in its place.
    await applyPipes(pipes, data, { type: 'body', metatype: method.type });
    return [context];
  }
  return [await applyPipes(pipes, data, { type: 'body', metatype: readParameterTypes(method)?.[0] }), context];
}

function readParameter(
  { parameter, pipes }: ParameterWithPipes,
  { method }: EnhancedCall,
  enhancers: EnhancerSet,
  context: JobExecutionContext,
): Promise<unknown> {
  return Promise.resolve(parameter.factory(parameter.data, context)).then((value) =>
    applyPipes([...enhancers.pipes, ...pipes], value, {
      type: 'custom',
      metatype: readParameterTypes(method)?.[parameter.index],
      data: parameter.data as string | undefined,
      // Nest 12 passes it on, Nest 11 has none.
      ...(parameter.schema === undefined ? {} : { schema: parameter.schema as never }),
    }),
  );
}

async function applyPipes(
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

/** What a promise, an observable (its last value), or a plain value comes to. */
async function settle(result: unknown): Promise<unknown> {
  const value = await result;
  return isObservable(value) ? lastValueFrom(value, { defaultValue: undefined }) : value;
}
