import type { CheckedPayloadOptions } from '../job/payload-options.js';
import type { PendingPush } from '../middleware/dispatch-stage.js';
import { InvalidOptionError, PayloadInvalidError } from '../queue.errors.js';
import { errorMessage, toError } from '../support/error-text.js';
import { checkData, type CheckedData } from '../validation/check-data.js';

/** A push, or a promise of it while a schema checks its data. */
export type Checking<T> = T | Promise<T>;

type Schema = NonNullable<CheckedPayloadOptions['schema']>;

/**
 * Checks the data of a push by the schema of its job.
 *
 * @returns the output of the schema; a promise of it if the schema needs one
 * @throws PayloadInvalidError, InvalidOptionError if the schema throws; or the promise is rejected with it
 */
export function checkPush(name: string, schema: Schema, data: unknown): CheckedData | Promise<CheckedData> {
  const refuse = (cause: unknown): never => {
    if (cause instanceof PayloadInvalidError) throw cause;
    const expected = `a schema that returns what is wrong with the data of job ${name}; it throws: ${errorMessage(toError(cause))}`;
    throw new InvalidOptionError('schema', expected, schema, { cause });
  };
  try {
    const checked = checkData(name, schema, data);
    return checked instanceof Promise ? checked.catch(refuse) : checked;
  } catch (thrown) {
    return refuse(thrown);
  }
}

/** Makes a push of each element; waits for those whose data is still checked. */
export function allChecked<T>(
  list: readonly T[],
  make: (each: T, index: number) => Checking<PendingPush>,
): Checking<PendingPush[]> {
  const pushes: PendingPush[] = [];
  const checks: Promise<unknown>[] = [];
  try {
    for (const [index, each] of list.entries()) {
      const push = make(each, index);
      if (push instanceof Promise) checks.push(push.then((checked) => (pushes[index] = checked)));
      else pushes[index] = push;
    }
  } catch (error) {
    // Nobody waits for the checks that have begun.
    for (const check of checks) check.catch(() => undefined);
    throw error;
  }
  return checks.length > 0 ? Promise.all(checks).then(() => pushes) : pushes;
}
