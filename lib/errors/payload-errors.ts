import { QueueError } from './queue-error.js';

/** The data of a job cannot be stored without losing a part of it. */
export class PayloadNotSerializableError extends QueueError {
  override name = 'PayloadNotSerializableError';

  constructor(
    readonly jobName: string,
    readonly path: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super('ERR_PAYLOAD_NOT_SERIALIZABLE', `The data of job ${jobName} cannot be stored: ${path} ${reason}`, options);
  }

  static privateField(className: string, field: string): PayloadNotSerializableError {
    const reason =
      'is a private field, which no other code can read: declare it with the keyword private in place of #';
    return new PayloadNotSerializableError(className, `data.${field}`, reason);
  }
}

/** The data of a job is larger than `maxPayloadSize`. Nothing was stored. */
export class PayloadTooLargeError extends QueueError {
  override name = 'PayloadTooLargeError';

  constructor(
    readonly jobName: string,
    readonly size: number,
    readonly limit: number,
  ) {
    super(
      'ERR_PAYLOAD_TOO_LARGE',
      `The data of job ${jobName} takes ${size} bytes, the limit (option "maxPayloadSize") is ${limit}: store large data elsewhere and push a reference to it`,
    );
  }
}

/** A stored job cannot be read. */
export class CorruptJobError extends QueueError {
  override name = 'CorruptJobError';

  constructor(
    readonly jobId: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super('ERR_CORRUPT_JOB', `Job ${jobId} cannot be read: ${reason}`, options);
  }
}

/** What is wrong at one place of the data of a job. */
export interface PayloadIssue {
  readonly message: string;
  /** The keys that lead to the place; empty for the data as a whole. */
  readonly path: readonly PropertyKey[];
}

/** The most issues that a message names. */
const MOST_ISSUES = 3;

/** The schema of a job refuses its data. At a push nothing was stored; in a worker the job fails for good, and nothing of it is called. */
export class PayloadInvalidError extends QueueError {
  override name = 'PayloadInvalidError';

  constructor(
    readonly jobName: string,
    readonly issues: readonly PayloadIssue[],
    options?: ErrorOptions,
  ) {
    const named = issues.slice(0, MOST_ISSUES).map(({ message, path }) => `${pathText(path)}: ${message}`);
    const others = issues.length > MOST_ISSUES ? ` (and ${issues.length - MOST_ISSUES} more)` : '';
    super('ERR_PAYLOAD_INVALID', `The data of job ${jobName} is invalid: ${named.join('; ')}${others}`, options);
  }
}

/** A codec or a key is missing here that a stored text needs: another process may read it. */
export class UnknownCodecError extends QueueError {
  override name = 'UnknownCodecError';

  /** @param missing what is missing */
  constructor(missing: string) {
    super(
      'ERR_UNKNOWN_CODEC',
      `What is stored needs ${missing}, which the option "codecs" of this process does not have`,
    );
  }
}

/** A stored job has data of a newer version than this process knows: another process may run it. */
export class UnknownVersionError extends QueueError {
  override name = 'UnknownVersionError';

  constructor(
    readonly jobName: string,
    readonly version: number,
    known: number,
  ) {
    super(
      'ERR_UNKNOWN_VERSION',
      `The data of job ${jobName} is of version ${version}, and this process knows ${known}`,
    );
  }
}

function pathText(path: readonly PropertyKey[]): string {
  return ['data', ...path.map(String)].join('.');
}
