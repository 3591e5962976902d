/** The metadata key of the place where `@Job()` was called: a registered symbol, so that two copies of this package share it. */
const JOB_PLACE = Symbol.for('nestjs-job-queue:job-place');
const FRAME = /(?:\(|at )(?:async )?((?:file:|\/|[A-Za-z]:\\)[^()]*:\d+:\d+)\)?$/;

/** A place in the code. It becomes text only when somebody reads it. */
export interface CodePlace {
  readonly stack?: unknown;
}

/** Returns the place from which a function is called. */
export function callPlace(called: (...args: never[]) => unknown): CodePlace {
  const place: CodePlace = {};
  Error.captureStackTrace(place, called);
  return place;
}

/** Remembers the place of the `@Job()` of a class, for messages about two classes that read alike. */
export function rememberPlace(target: object, place: CodePlace): void {
  Reflect.defineMetadata(JOB_PLACE, place, target);
}

/** Returns the file, line and column of the `@Job()` of a class; `undefined` if they are not known. */
export function placeOf(target: object): string | undefined {
  const { stack } = (Reflect.getOwnMetadata(JOB_PLACE, target) as CodePlace | undefined) ?? {};
  if (typeof stack !== 'string') return undefined;
  const [, first = ''] = stack.split('\n');
  return FRAME.exec(first)?.[1];
}
