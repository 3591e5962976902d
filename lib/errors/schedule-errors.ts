import { describe } from '../support/describe.js';
import type { InvalidOptionError } from './option-errors.js';
import { QueueError } from './queue-error.js';

/** A schedule cannot be set as it was described, or cannot be changed like this. Nothing was written. */
export class InvalidScheduleError extends QueueError {
  override name = 'InvalidScheduleError';

  constructor(message: string, options?: ErrorOptions) {
    super('ERR_INVALID_SCHEDULE', message, options);
  }

  /** @param where the schedule, and the wrong part of it */
  static expected(where: string, expected: string, given: unknown, options?: ErrorOptions): InvalidScheduleError {
    return new InvalidScheduleError(`${where}: expected ${expected}, got ${describe(given)}`, options);
  }

  /** Makes the error of an option of a schedule. */
  static ofOption(where: string, cause: InvalidOptionError): InvalidScheduleError {
    return new InvalidScheduleError(`${where}: ${cause.message}`, { cause });
  }

  static unknown(name: string): InvalidScheduleError {
    return new InvalidScheduleError(`Schedule "${name}": expected one that is set, got none of this name`);
  }

  static declared(name: string, application: string, what: string): InvalidScheduleError {
    return new InvalidScheduleError(
      `Schedule "${name}": expected one that no @Schedule() declares, to ${what} it; got one that application ${application} declares (pause() stops it, and that survives starts)`,
    );
  }

  /** @param places the classes that declare it */
  static twice(name: string, places: readonly string[]): InvalidScheduleError {
    return new InvalidScheduleError(
      `Schedule "${name}": expected one @Schedule() of this name, got several: ${places.join(', ')} (give them names: @Schedule(..., { name: 'nightly' }))`,
    );
  }

  static elsewhere(name: string, application: string, other: string): InvalidScheduleError {
    return new InvalidScheduleError(
      `Schedule "${name}": expected a name that no other application declares, got one of application ${other}, which runs (this one is ${application})`,
    );
  }
}
