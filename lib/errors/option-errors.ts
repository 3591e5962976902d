import { describe } from '../support/describe.js';
import { QueueError } from './queue-error.js';

/** The options whose value no message shows. */
const SECRET = /password|^encrypt\(\)\.keys\./i;

/** An option has a wrong value, or its name is not known. It comes from the code or from the environment. */
export class InvalidOptionError extends QueueError {
  override name = 'InvalidOptionError';

  constructor(
    readonly option: string,
    expected: string,
    given: unknown,
    options?: ErrorOptions,
  ) {
    super(
      'ERR_INVALID_OPTION',
      `Option "${option}": expected ${expected}, got ${SECRET.test(option) ? typeof given : describe(given)}`,
      options,
    );
  }
}

/** `QueueModule.forFeature()` is imported by an application without a queue: nothing would register or run its jobs. */
export class MissingQueueError extends QueueError {
  override name = 'MissingQueueError';

  constructor() {
    super(
      'ERR_MISSING_QUEUE',
      'QueueModule.forFeature() needs a queue: expected QueueModule.forRoot() in the imports of the root module, got none',
    );
  }
}

/** A queue cannot have this name: it could be confused with the key of another queue. */
export class InvalidQueueNameError extends QueueError {
  override name = 'InvalidQueueNameError';

  /** @param where the owner of the name, for the message */
  constructor(
    readonly given: unknown,
    where = '',
  ) {
    super(
      'ERR_INVALID_QUEUE_NAME',
      `Invalid queue name${where && ` of ${where}`}: expected 1 to 64 of A-Z a-z 0-9 _ . - beginning with a letter or digit, got ${describe(given)}`,
    );
  }
}

/** A job cannot have this id. */
export class InvalidJobIdError extends QueueError {
  override name = 'InvalidJobIdError';

  constructor(readonly given: unknown) {
    super(
      'ERR_INVALID_JOB_ID',
      `Invalid job id: expected 1 to 256 characters without white space, control characters, { and }, not beginning with ~ , got ${describe(given)}`,
    );
  }
}

/** A delay or another duration is negative, too long, or not readable. */
export class InvalidDelayError extends QueueError {
  override name = 'InvalidDelayError';

  constructor(
    readonly parameter: string,
    expected: string,
    given: unknown,
  ) {
    super('ERR_INVALID_DELAY', `Invalid ${parameter}: expected ${expected}, got ${describe(given)}`);
  }
}

/** A job cannot have this status. */
export class InvalidStatusError extends QueueError {
  override name = 'InvalidStatusError';

  constructor(
    readonly given: unknown,
    expected: readonly string[],
  ) {
    super('ERR_INVALID_STATUS', `Invalid job status: expected one of ${expected.join(', ')}, got ${describe(given)}`);
  }
}
