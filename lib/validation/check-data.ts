import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { CheckedPayloadOptions } from '../job/payload-options.js';
import { PayloadInvalidError, type PayloadIssue } from '../queue.errors.js';

/** Data that a schema has accepted. */
export interface CheckedData {
  readonly output: unknown;
}

/** Returns true if data is checked at the push. */
export function checksPush({ schema, validate }: CheckedPayloadOptions): boolean {
  return schema !== undefined && validate !== 'handle';
}

/** Returns true if data is checked before `handle`. */
export function checksAttempt({ schema, validate }: CheckedPayloadOptions): boolean {
  return schema !== undefined && validate !== 'push';
}

/**
 * Checks data by a schema.
 *
 * @returns the output of the schema; a promise of it if the schema needs one
 * @throws PayloadInvalidError, or the promise is rejected with it
 * @throws what the schema throws
 */
export function checkData(name: string, schema: StandardSchemaV1, data: unknown): CheckedData | Promise<CheckedData> {
  const result = schema['~standard'].validate(data);
  return result instanceof Promise ? result.then((each) => read(name, each)) : read(name, result);
}

function read(name: string, result: StandardSchemaV1.Result<unknown>): CheckedData {
  if (result.issues) throw new PayloadInvalidError(name, result.issues.map(toIssue));
  return { output: result.value };
}

function toIssue({ message, path = [] }: StandardSchemaV1.Issue): PayloadIssue {
  return { message, path: path.map((step) => (typeof step === 'object' ? step.key : step)) };
}
