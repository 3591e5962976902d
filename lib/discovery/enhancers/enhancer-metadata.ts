import type {
  CanActivate,
  ExceptionFilter,
  ExecutionContext,
  NestInterceptor,
  PipeTransform,
  Type,
} from '@nestjs/common';

/** A guard or the like, as `@UseGuards()` takes it: a class, or an object made already. */
export type Bound<T> = Type<T & object> | T;

/** A method that a class's enhancers run around. */
export interface EnhancedMethod {
  /** The class: what `context.getClass()` answers. */
  readonly type: Type<object>;
  /** `handle` of it: what `context.getHandler()` answers. */
  readonly handler: (...args: unknown[]) => unknown;
}

/** A parameter of `handle` that has a decorator made with `createParamDecorator()`. */
export interface DecoratedParameter {
  readonly index: number;
  readonly data: unknown;
  readonly schema?: unknown;
  readonly factory: (data: unknown, context: ExecutionContext) => unknown;
  readonly pipes: readonly Bound<PipeTransform>[];
}

/** What can be put around a job, and where Nest's decorators leave it (on the class, and on the method itself). */
export interface EnhancerKinds {
  guards: CanActivate;
  interceptors: NestInterceptor;
  pipes: PipeTransform;
  filters: ExceptionFilter;
}

export type EnhancerKind = keyof EnhancerKinds;

const KEYS: Readonly<Record<EnhancerKind, string>> = {
  guards: '__guards__',
  interceptors: '__interceptors__',
  pipes: '__pipes__',
  filters: '__exceptionFilters__',
};
const PARAMETERS = '__routeArguments__';
const CUSTOM_PARAMETER = '__customRouteArgs__';
const PARAMETER_TYPES = 'design:paramtypes';
const CAUGHT_TYPES = '__filterCatchExceptions__';

/** What is bound to a method by its class and by itself, in this order. */
export function readBound<K extends EnhancerKind>(
  kind: K,
  { type, handler }: EnhancedMethod,
): readonly Bound<EnhancerKinds[K]>[] {
  const onClass = (Reflect.getMetadata(KEYS[kind], type) ?? []) as Bound<EnhancerKinds[K]>[];
  const onMethod = (Reflect.getMetadata(KEYS[kind], handler) ?? []) as Bound<EnhancerKinds[K]>[];
  return [...onClass, ...onMethod];
}

export function readDecoratedParameters({ type }: EnhancedMethod): DecoratedParameter[] {
  const parameters = (Reflect.getMetadata(PARAMETERS, type, 'handle') ?? {}) as Record<string, DecoratedParameter>;
  return Object.entries(parameters)
    .filter(([key]) => key.includes(CUSTOM_PARAMETER))
    .map(([, parameter]) => parameter);
}

/** The types of the parameters; TypeScript writes them down only where the method itself has a decorator. */
export function readParameterTypes({ type }: EnhancedMethod): readonly Type[] | undefined {
  return Reflect.getMetadata(PARAMETER_TYPES, type.prototype as object, 'handle') as Type[] | undefined;
}

/** The errors that a filter is for; none stands for all. */
export function readCaughtTypes(filter: ExceptionFilter): readonly Type[] {
  const prototype = Object.getPrototypeOf(filter) as object;
  const types = (Reflect.getMetadata(CAUGHT_TYPES, prototype) ??
    Reflect.getMetadata(CAUGHT_TYPES, prototype.constructor)) as Type[] | undefined;
  return types ?? [];
}
