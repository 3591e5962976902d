import type { Attempt } from '../middleware/job-stage.js';
import { checkData, checksAttempt } from '../validation/check-data.js';
import { lift } from '../versions/lift.js';

/**
 * Lifts the data of an attempt to the version of its class, and checks it. Then the attempt has the data that `handle` gets.
 *
 * @throws PayloadInvalidError; what `upgrade` or the schema throws
 */
export async function acceptData(attempt: Attempt): Promise<void> {
  const { options } = attempt.registered!;
  const data = await lift(attempt.data, attempt.record!.options.version, options);
  if (!checksAttempt(options)) {
    attempt.data = data;
    return;
  }
  const { output } = await checkData(attempt.name, options.schema!, data);
  attempt.data = output;
}
