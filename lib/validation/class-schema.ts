import type { StandardSchemaV1 } from '@standard-schema/spec';

/** A class with the decorators of class-validator. */
// oxlint-disable-next-line typescript/no-explicit-any -- any constructor will do, and only `any` says so
type DtoClass<T> = new (...args: any[]) => T;

/** Options of `validate()` of class-validator, whose types an application without it does not have. */
export interface ClassValidatorOptions {
  readonly whitelist?: boolean;
  readonly forbidNonWhitelisted?: boolean;
  readonly forbidUnknownValues?: boolean;
  readonly skipUndefinedProperties?: boolean;
  readonly skipNullProperties?: boolean;
  readonly skipMissingProperties?: boolean;
  readonly stopAtFirstError?: boolean;
  readonly dismissDefaultMessages?: boolean;
  readonly always?: boolean;
  readonly strictGroups?: boolean;
  readonly groups?: string[];
}

/** Options of `plainToInstance()` of class-transformer. */
export interface ClassTransformerOptions {
  readonly strategy?: 'excludeAll' | 'exposeAll';
  readonly excludeExtraneousValues?: boolean;
  readonly excludePrefixes?: string[];
  readonly ignoreDecorators?: boolean;
  readonly enableImplicitConversion?: boolean;
  readonly exposeDefaultValues?: boolean;
  readonly exposeUnsetFields?: boolean;
  readonly groups?: string[];
  readonly version?: number;
}

export interface ClassSchemaOptions {
  /** The options of `validate()` of class-validator. Default: `{ forbidUnknownValues: true }`. */
  readonly validator?: ClassValidatorOptions;
  /** The options of `plainToInstance()` of class-transformer. Default: none. */
  readonly transformer?: ClassTransformerOptions;
}

/** What class-validator finds. */
interface FoundError {
  readonly property?: string;
  readonly constraints?: Readonly<Record<string, string>>;
  readonly children?: readonly FoundError[];
}

/**
 * Makes a schema of a class with decorators of class-validator. The data of the job is made an instance of the class, as the
 * `ValidationPipe` of Nest does; `handle` gets the instance. The packages `class-validator` and `class-transformer` are loaded when
 * data is checked for the first time.
 */
export function classSchema<T extends object>(
  type: DtoClass<T>,
  { validator, transformer }: ClassSchemaOptions = {},
): StandardSchemaV1<T, T> {
  const validate = async (data: unknown): Promise<StandardSchemaV1.Result<T>> => {
    const [{ plainToInstance }, library] = await Promise.all([import('class-transformer'), import('class-validator')]);
    if (typeof data !== 'object' || data === null || Array.isArray(data)) {
      return { issues: [{ message: `must be an object with the properties of ${type.name}` }] };
    }
    const value = plainToInstance(type, data, transformer);
    const errors = await library.validate(value, { forbidUnknownValues: true, ...validator });
    return errors.length > 0 ? { issues: errors.flatMap((error) => issuesOf(error)) } : { value };
  };
  return { '~standard': { version: 1, vendor: 'class-validator', validate } };
}

function issuesOf(
  { property, constraints = {}, children = [] }: FoundError,
  parents: readonly string[] = [],
): StandardSchemaV1.Issue[] {
  const path = property === undefined ? parents : [...parents, property];
  const own = Object.values(constraints).map((message) => ({ message, path }));
  return [...own, ...children.flatMap((child) => issuesOf(child, path))];
}
