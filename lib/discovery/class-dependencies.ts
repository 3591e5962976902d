import { Scope, type InjectionToken } from '@nestjs/common';

/**
 * Where Nest's decorators leave what they say. The names have been the same since Nest 4; Nest exports them
 * from no path that both supported majors have.
 */
const CONSTRUCTOR_TYPES = 'design:paramtypes';
const CONSTRUCTOR_TOKENS = 'self:paramtypes';
const OPTIONAL_PARAMETERS = 'optional:paramtypes';
const PROPERTY_TOKENS = 'self:properties_metadata';
const OPTIONAL_PROPERTIES = 'optional:properties_metadata';
const SCOPE_OPTIONS = 'scope:options';
const INJECTABLE = '__injectable__';

/** What a constructor's parameter or a property of a class is to be given. */
export interface Dependency {
  /** For messages: `parameter 0 of its constructor`, `property "images"`. */
  readonly where: string;
  /** The property's name; for a parameter its index. */
  readonly key: string | symbol | number;
  /** Reads the token, late: a forward reference stands for a class that may not be there yet. */
  readonly token: () => InjectionToken | undefined;
  readonly optional: boolean;
  /** Whether it is certain that Nest is to inject it: `@Inject()`, or the type is a class with `@Injectable()`. */
  readonly declared: boolean;
}

/** The parameters of a class's constructor, as decorators tell them. */
export function constructorDependencies(type: object): Dependency[] {
  const types = (Reflect.getMetadata(CONSTRUCTOR_TYPES, type) ?? []) as unknown[];
  const tokens = (Reflect.getMetadata(CONSTRUCTOR_TOKENS, type) ?? []) as { index: number; param: unknown }[];
  const optional = (Reflect.getOwnMetadata(OPTIONAL_PARAMETERS, constructorOwner(type)) ?? []) as number[];
  const length = Math.max(types.length, ...tokens.map(({ index }) => index + 1));
  return Array.from({ length }, (_, index) => {
    const given = tokens.find((token) => token.index === index);
    const reference = given ? given.param : types[index];
    return {
      where: `parameter ${index} of its constructor`,
      key: index,
      token: () => readToken(reference),
      optional: optional.includes(index),
      declared: given !== undefined || isMarkedInjectable(reference),
    };
  });
}

/** The properties of a class that are injected, those it inherits included. */
export function propertyDependencies(type: object): Dependency[] {
  const properties = (Reflect.getMetadata(PROPERTY_TOKENS, type) ?? []) as { key: string | symbol; type: unknown }[];
  const optional = (Reflect.getMetadata(OPTIONAL_PROPERTIES, type) ?? []) as unknown[];
  return properties.map(({ key, type: reference }) => ({
    where: `property "${String(key)}"`,
    key,
    token: () => readToken(reference),
    optional: optional.includes(key),
    declared: true,
  }));
}

/** The scope that `@Injectable({ scope })` gives a class. */
export function scopeOf(type: object): Scope {
  const options = Reflect.getMetadata(SCOPE_OPTIONS, type) as { scope?: Scope } | undefined;
  return options?.scope ?? Scope.DEFAULT;
}

/** How a token reads in a message. */
export function tokenName(token: InjectionToken | undefined): string {
  if (token === undefined) return 'something unknown (a circular import, or an interface?)';
  return typeof token === 'function' ? token.name : typeof token === 'string' ? JSON.stringify(token) : String(token);
}

/** Whether a token can stand for a provider at all, as `String` or `Object` in place of a parameter's type cannot. */
export function isInjectable(token: InjectionToken | undefined): token is InjectionToken {
  return token !== undefined && !BUILT_IN.has(token);
}

/** What TypeScript writes for the types of parameters that are data. */
const BUILT_IN: ReadonlySet<unknown> = new Set<unknown>([
  Object,
  String,
  Number,
  Boolean,
  BigInt,
  Symbol,
  Array,
  Function,
  Date,
  RegExp,
  Promise,
  Error,
  Map,
  Set,
  WeakMap,
  WeakSet,
  Buffer,
  ArrayBuffer,
  Uint8Array,
  URL,
]);

function readToken(reference: unknown): InjectionToken | undefined {
  if (typeof reference === 'object' && reference !== null && 'forwardRef' in reference) {
    return (reference.forwardRef as () => InjectionToken | undefined)();
  }
  return reference as InjectionToken | undefined;
}

function isMarkedInjectable(type: unknown): boolean {
  return typeof type === 'function' && Reflect.hasOwnMetadata(INJECTABLE, type);
}

/** The class whose constructor is run: a subclass without one of its own runs that of its parent. */
function constructorOwner(type: object): object {
  let current: object | null = type;
  while (typeof current === 'function' && current !== Function.prototype) {
    const owner = current;
    if (
      [CONSTRUCTOR_TYPES, CONSTRUCTOR_TOKENS, OPTIONAL_PARAMETERS].some((key) => Reflect.hasOwnMetadata(key, owner))
    ) {
      return owner;
    }
    current = Object.getPrototypeOf(current) as object | null;
  }
  return type;
}
