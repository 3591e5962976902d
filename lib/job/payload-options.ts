import type { StandardSchemaV1 } from '@standard-schema/spec';
import { InvalidOptionError } from '../queue.errors.js';
import { integer, oneOf, type Check } from '../support/checks.js';
import type { OptionReader } from '../support/option-reader.js';

/** When data is checked: at the push, before `handle`, or both. */
export type ValidateOption = 'push' | 'handle' | 'both';

/** Lifts data of an older version. */
export type Upgrade = (data: unknown, from: number) => unknown;

/** The options that say which data a job takes, checked. */
export interface CheckedPayloadOptions {
  readonly schema?: StandardSchemaV1;
  readonly validate?: ValidateOption;
  readonly version?: number;
  readonly upgrade?: Upgrade;
}

/** A schema may be an object or a function. */
const schemaCheck: Check<StandardSchemaV1> = {
  expected: 'a schema of the Standard Schema specification, such as one of zod, valibot or arktype, or classSchema()',
  read(value) {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
    const standard = (value as { readonly '~standard'?: { readonly validate?: unknown } })['~standard'];
    return typeof standard?.validate === 'function' ? (value as StandardSchemaV1) : undefined;
  },
};
const validateCheck = oneOf<ValidateOption>('push', 'handle', 'both');
const versionCheck = integer(1);
const upgradeCheck: Check<Upgrade> = {
  expected: 'a function of the data and its version',
  read: (value) => (typeof value === 'function' ? (value as Upgrade) : undefined),
};

/**
 * Reads the options of a job about its data; those that are not given are missing.
 *
 * @throws InvalidOptionError
 */
export function readPayloadOptions(options: OptionReader): CheckedPayloadOptions {
  return {
    schema: options.get('schema', schemaCheck),
    validate: options.get('validate', validateCheck),
    version: options.get('version', versionCheck),
    upgrade: options.get('upgrade', upgradeCheck),
  };
}

/**
 * Checks that options of a job do not miss each other.
 *
 * @param where the owner of the options, for messages
 * @throws InvalidOptionError
 */
export function assertPayloadOptions(
  { schema, validate, version, upgrade }: CheckedPayloadOptions,
  where: string,
): void {
  if (validate !== undefined && !schema) {
    throw new InvalidOptionError(`${where}.validate`, 'the option "schema" beside it', validate);
  }
  if (upgrade && version === undefined) {
    throw new InvalidOptionError(`${where}.upgrade`, 'the option "version" beside it', upgrade);
  }
}
