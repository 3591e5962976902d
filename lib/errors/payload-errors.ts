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
