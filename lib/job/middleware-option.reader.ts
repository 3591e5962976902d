import { InvalidOptionError } from '../queue.errors.js';
import type { OptionReader } from '../support/option-reader.js';
import type { JobMiddleware, MiddlewareType, PushMiddleware } from './middleware.interface.js';

const EXPECTED = 'a class, or an object, with a method handle() or push()';
const EXPECTED_OF_JOB = 'a class, or an object, with a method handle()';
const PUSH_ON_JOB =
  'no method push() on middleware of a job, since a process that pushes may not know its class: list it in the option "middleware" of the module';

/** Reads the option `middleware` of the module. @throws InvalidOptionError */
export function readModuleMiddleware(options: OptionReader): readonly MiddlewareType[] {
  return readList(options, (middleware) =>
    isAround('handle', middleware) || isAround('push', middleware) ? '' : EXPECTED,
  );
}

/** Reads the option `middleware` of a job class; `undefined` if it is not given. @throws InvalidOptionError */
export function readJobMiddleware(options: OptionReader): readonly MiddlewareType<JobMiddleware>[] | undefined {
  if (options.raw('middleware') === undefined) return undefined;
  return readList(options, (middleware) => {
    if (isAround('push', middleware)) return PUSH_ON_JOB;
    return isAround('handle', middleware) ? '' : EXPECTED_OF_JOB;
  }) as readonly MiddlewareType<JobMiddleware>[];
}

/** Returns those that run around attempts, in their order. */
export function aroundAttempts(middleware: readonly MiddlewareType[]): MiddlewareType<JobMiddleware>[] {
  return middleware.filter((each) => isAround('handle', each)) as MiddlewareType<JobMiddleware>[];
}

/** Returns those that run around pushes, in their order. */
export function aroundPushes(middleware: readonly MiddlewareType[]): MiddlewareType<PushMiddleware>[] {
  return middleware.filter((each) => isAround('push', each)) as MiddlewareType<PushMiddleware>[];
}

/** @param refuse returns what was expected; empty if the value is fine */
function readList(options: OptionReader, refuse: (value: unknown) => string): readonly MiddlewareType[] {
  const given = options.raw('middleware') ?? [];
  const path = options.at('middleware');
  if (!Array.isArray(given)) throw new InvalidOptionError(path, 'a list of middleware', given);
  const list = Array.from(given as unknown[]);
  for (const [index, each] of list.entries()) {
    const expected = refuse(each);
    if (expected !== '') throw new InvalidOptionError(`${path}[${index}]`, expected, each);
  }
  return Object.freeze(list as MiddlewareType[]);
}

function isAround(method: 'handle' | 'push', middleware: unknown): middleware is MiddlewareType {
  const host: unknown = typeof middleware === 'function' ? middleware.prototype : middleware;
  return typeof host === 'object' && host !== null && typeof (host as Record<string, unknown>)[method] === 'function';
}
