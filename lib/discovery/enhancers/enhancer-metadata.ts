import type {
  CanActivate,
  ExceptionFilter,
  ExecutionContext,
  NestInterceptor,
  PipeTransform,
  Type,
} from '@nestjs/common';

/** A guard or another enhancer, as `@UseGuards()` takes it: a class, or an instance. */
export type Bound<T> = Type<T & object> | T;

/** The method that the enhancers of a class run around. */
export interface EnhancedMethod {
  /** The class that `context.getClass()` returns. */
  readonly type: Type<object>;
  /** Its `handle` (or `handleChunk`), which `context.getHandler()` returns. */
  readonly handler: (...args: unknown[]) => unknown;
}

/** A parameter of `handle` that has a decorator of `createParamDecorator()`. */
export interface DecoratedParameter {
  readonly index: number;
  readonly data: unknown;
  readonly schema?: unknown;
  readonly factory: (data: unknown, context: ExecutionContext) => unknown;
  readonly pipes: readonly Bound<PipeTransform>[];
}

/** The kinds of enhancers. */
export interface EnhancerKinds {
  guards: CanActivate;
  interceptors: NestInterceptor;
  pipes: PipeTransform;
  filters: ExceptionFilter;
}

export type EnhancerKind = keyof EnhancerKinds;

/** The metadata keys of Nest's decorators, on the class and on the method itself. */
const KEYS: Readonly<Record<EnhancerKind, string>> = {
  guards: '__guards__',
  interceptors: '__interceptors__',
  pipes: '__pipes__',
  filters: '__exceptionFilters__',
};
export const ENHANCER_KINDS = Object.keys(KEYS) as readonly EnhancerKind[];
const PARAMETERS = '__routeArguments__';
const CUSTOM_PARAMETER = '__customRouteArgs__';
const PARAMETER_TYPES = 'design:paramtypes';
const CAUGHT_TYPES = '__filterCatchExceptions__';

/** Reads the enhancers that are bound to the class of a method, then those bound to the method itself. */
export function readBound<K extends EnhancerKind>(
  kind: K,
  { type, handler }: EnhancedMethod,
): readonly Bound<EnhancerKinds[K]>[] {
  const onClass = (Reflect.getMetadata(KEYS[kind], type) ?? []) as Bound<EnhancerKinds[K]>[];
  const onMethod = (Reflect.getMetadata(KEYS[kind], handler) ?? []) as Bound<EnhancerKinds[K]>[];
  return [...onClass, ...onMethod];
}

/** Binds enhancers to a class, as `@UseGuards()` and the like do. */
export function bindTo(type: object, kind: EnhancerKind, enhancers: readonly unknown[]): void {
  Reflect.defineMetadata(KEYS[kind], enhancers, type);
}

/** Reads the classes of all enhancers that are bound to a class, its `handle` and the parameters of that. */
export function readBoundClasses(type: Type<object>, kinds: readonly EnhancerKind[] = ENHANCER_KINDS): Type<object>[] {
  const { handle } = (type.prototype ?? {}) as { handle?: unknown };
  if (typeof handle !== 'function') return [];
  const method: EnhancedMethod = { type, handler: handle as EnhancedMethod['handler'] };
  const ofParameters = kinds.includes('pipes')
    ? readDecoratedParameters(method).flatMap(({ pipes }) => pipes ?? [])
    : [];
  const bound: unknown[] = [...kinds.flatMap((kind) => [...readBound(kind, method)] as unknown[]), ...ofParameters];
  return bound.filter((enhancer) => typeof enhancer === 'function') as Type<object>[];
}

export function readDecoratedParameters({ type }: EnhancedMethod, name = 'handle'): DecoratedParameter[] {
  const parameters = (Reflect.getMetadata(PARAMETERS, type, name) ?? {}) as Record<string, DecoratedParameter>;
  return Object.entries(parameters)
    .filter(([key]) => key.includes(CUSTOM_PARAMETER))
    .map(([, parameter]) => parameter);
}

/** Reads the types of the parameters. TypeScript writes them down only if the method itself has a decorator. */
export function readParameterTypes({ type }: EnhancedMethod): readonly Type[] | undefined {
  return Reflect.getMetadata(PARAMETER_TYPES, type.prototype as object, 'handle') as Type[] | undefined;
}

/** Reads the classes of errors that a filter catches; an empty list stands for all. */
export function readCaughtTypes(filter: ExceptionFilter): readonly Type[] {
  const prototype = Object.getPrototypeOf(filter) as object;
  const types = (Reflect.getMetadata(CAUGHT_TYPES, prototype) ??
    Reflect.getMetadata(CAUGHT_TYPES, prototype.constructor)) as Type[] | undefined;
  return types ?? [];
}
