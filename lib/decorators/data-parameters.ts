import { InvalidJobError } from '../queue.errors.js';

/** The metadata keys of the compiler and of Nest's decorators, see `lib/discovery/class-dependencies.ts`. */
const CONSTRUCTOR_TYPES = 'design:paramtypes';
const CONSTRUCTOR_TOKENS = 'self:paramtypes';
const OPTIONAL_PARAMETERS = 'optional:paramtypes';

/** The type of a marked parameter: a registered symbol, so that two copies of this package share it. */
const DATA_TYPE = Symbol.for('nestjs-job-queue:data-type');
/** The types of data, and of what the compiler does not know. No provider has one of them as its token. */
const DATA_TYPES: ReadonlySet<unknown> = new Set([String, Number, Boolean, BigInt, Symbol, Array, Function, Object]);

/** What stands for the type of a parameter. Nest asks for its token when it makes the class. */
interface DataParameter {
  readonly [DATA_TYPE]: unknown;
  readonly forwardRef: () => never;
}

/**
 * Marks the parameters of the constructor of a job class that Nest cannot inject, such as a `String` without `@Inject()`. If
 * the class is a provider, Nest stops the start with a message that says what to do. Nothing else asks for the token.
 *
 * The marks are in the types of the class itself: a subclass with a constructor of its own has types of its own.
 */
export function markDataParameters(target: object & { readonly name: string }): void {
  const types = Reflect.getOwnMetadata(CONSTRUCTOR_TYPES, target) as unknown[] | undefined;
  if (!types?.some((type) => DATA_TYPES.has(type))) return;
  const tokens = (Reflect.getMetadata(CONSTRUCTOR_TOKENS, target) ?? []) as { index: number }[];
  const optional = (Reflect.getOwnMetadata(OPTIONAL_PARAMETERS, target) ?? []) as number[];
  const excluded = new Set([...tokens.map(({ index }) => index), ...optional]);
  const marked = types.map((type, index) =>
    DATA_TYPES.has(type) && !excluded.has(index) ? dataParameter(target.name, index, type as Type) : type,
  );
  Reflect.defineMetadata(CONSTRUCTOR_TYPES, marked, target);
}

/** Returns the type of a marked parameter; any other type as it is. */
export function unmarkedType(type: unknown): unknown {
  return typeof type === 'object' && type !== null && DATA_TYPE in type ? type[DATA_TYPE] : type;
}

function dataParameter(className: string, index: number, type: Type): DataParameter {
  return {
    [DATA_TYPE]: type,
    forwardRef() {
      throw InvalidJobError.dataInProviders(className, index, type.name);
    },
  };
}

interface Type {
  readonly name: string;
}
