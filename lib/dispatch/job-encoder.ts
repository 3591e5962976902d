import type { RegisteredJob } from '../discovery/registered-job.interface.js';
import { encodeRecord, type JobForm, type RecordOptions } from '../job/job-record.js';
import { UnserializableValueError, type PayloadSerializer } from '../job/payload-serializer.js';
import { PayloadNotSerializableError, PayloadTooLargeError } from '../queue.errors.js';
import { describe } from '../support/describe.js';
import { errorMessage, toError } from '../support/error-text.js';

/** A job as it is stored. */
export interface EncodedJob {
  readonly body: string;
  /** The bytes of its data. */
  readonly size: number;
}

/** Turns what is pushed into what is stored, and refuses what cannot be. */
export class JobEncoder {
  constructor(
    private readonly serializer: PayloadSerializer,
    /** The most bytes that serialized data may take. */
    private readonly limit: number,
  ) {}

  /** @throws PayloadNotSerializableError, PayloadTooLargeError */
  encode(job: RegisteredJob, form: JobForm, payload: unknown, options: RecordOptions): EncodedJob {
    const data = this.serialize(job.name, payload);
    const size = Buffer.byteLength(data);
    if (size > this.limit) throw new PayloadTooLargeError(job.name, size, this.limit);
    return { body: encodeRecord({ form, name: job.name, options, data }), size };
  }

  private serialize(jobName: string, payload: unknown): string {
    let text: unknown;
    try {
      text = this.serializer.serialize(payload);
    } catch (cause) {
      if (cause instanceof UnserializableValueError) {
        throw new PayloadNotSerializableError(jobName, cause.path, cause.reason, { cause });
      }
      const reason = `makes the serializer throw: ${errorMessage(toError(cause))}`;
      throw new PayloadNotSerializableError(jobName, 'data', reason, { cause });
    }
    if (typeof text === 'string') return text;
    throw new PayloadNotSerializableError(jobName, 'data', `is made ${describe(text)} by the serializer, not a string`);
  }
}
