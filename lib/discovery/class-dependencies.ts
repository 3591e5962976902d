import { Scope, type InjectionToken } from '@nestjs/common';
import { unmarkedType } from '../decorators/data-parameters.js';

/**
 * The metadata keys of Nest's decorators. They have been the same since Nest 4. They are written here because Nest
 * exports them from no path that both supported majors have.
 */
const CONSTRUCTOR_TYPES = 'design:paramtypes';
const CONSTRUCTOR_TOKENS = 'self:paramtypes';
const OPTIONAL_PARAMETERS = 'optional:paramtypes';
const PROPERTY_TOKENS = 'self:properties_metadata';
const OPTIONAL_PROPERTIES = 'optional:properties_metadata';
const SCOPE_OPTIONS = 'scope:options';
const INJECTABLE = '__injectable__';

/** A parameter of a constructor, or a property of a class, that may have to be injected. */
export interface Dependency {
  /** For messages: `parameter 0 of its constructor`, `property "images"`. */
  readonly where: string;
  /** The name of the property; the index of the parameter. */
  readonly key: string | symbol | number;
  /** Reads the token. Call it late: a forward reference stands for a class that may not be defined yet. */
  readonly token: () => InjectionToken | undefined;
  readonly optional: boolean;
  /** True if this is certainly injected: it has `@Inject()`, or its type is a class with `@Injectable()`. */
  readonly declared: boolean;
}

/** Reads the parameters of the constructor of a class from the metadata that decorators left. */
export function constructorDependencies(type: object): Dependency[] {
  const types = (Reflect.getMetadata(CONSTRUCTOR_TYPES, type) ?? []) as unknown[];
  const tokens = (Reflect.getMetadata(CONSTRUCTOR_TOKENS, type) ?? []) as { index: number; param: unknown }[];
  const optional = (Reflect.getOwnMetadata(OPTIONAL_PARAMETERS, constructorOwner(type)) ?? []) as number[];
  const length = Math.max(types.length, ...tokens.map(({ index }) => index + 1));
  return Array.from({ length }, (_, index) => {
    const given = tokens.find((token) => token.index === index);
    const reference = given ? given.param : unmarkedType(types[index]);
    return {
      where: `parameter ${index} of its constructor`,
      key: index,
      token: () => readToken(reference),
      optional: optional.includes(index),
      declared: given !== undefined || isMarkedInjectable(reference),
    };
  });
}

/** Returns true if a constructor has parameters, and the compiler has written down no types of them. */
export function lacksTypes(type: { readonly length: number }): boolean {
  return type.length > 0 && !Reflect.hasMetadata(CONSTRUCTOR_TYPES, type);
}

/** Reads the properties of a class that are injected, inherited ones included. */
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

/** Reads the scope that `@Injectable({ scope })` gives a class. */
export function scopeOf(type: object): Scope {
  const options = Reflect.getMetadata(SCOPE_OPTIONS, type) as { scope?: Scope } | undefined;
  return options?.scope ?? Scope.DEFAULT;
}

/** Returns the name of a token for a message. */
export function tokenName(token: InjectionToken | undefined): string {
  if (token === undefined)
    return 'something unknown (a circular import, an interface, or no emitDecoratorMetadata, as with tsx, esbuild and vitest?)';
  return typeof token === 'function' ? token.name : typeof token === 'string' ? JSON.stringify(token) : String(token);
}

/** Returns true if a token can stand for a provider: `String`, `Object` or `Date` as the type of a parameter cannot. */
export function isInjectable(token: InjectionToken | undefined): token is InjectionToken {
  if (typeof token !== 'function') return token !== undefined;
  return (globalThis as Record<string, unknown>)[token.name] !== token;
}

function readToken(reference: unknown): InjectionToken | undefined {
  if (typeof reference === 'object' && reference !== null && 'forwardRef' in reference) {
    return (reference.forwardRef as () => InjectionToken | undefined)();
  }
  return reference as InjectionToken | undefined;
}

function isMarkedInjectable(type: unknown): boolean {
  return typeof type === 'function' && Reflect.hasOwnMetadata(INJECTABLE, type);
}

/** Returns the class whose constructor runs: a subclass without a constructor runs that of its parent. */
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
