import type { CodecOptions } from '../job/job-codec.js';
import type { KeptResult } from '../job/kept-result.js';
import { UnserializableValueError } from '../job/payload-serializer.js';
import { CorruptJobError } from '../queue.errors.js';
import { describe } from '../support/describe.js';
import { errorMessage, toError } from '../support/error-text.js';
import { wholeText } from '../support/whole-text.js';

/** Converts results into the text that is kept, and back: with the serializer and the limit of the data. */
export class ResultCodec {
  constructor(private readonly options: CodecOptions) {}

  /**
   * Writes what is kept of a result. A result that cannot be kept is replaced by the reason: the job has done its work.
   *
   * @param keepResult the option of the job. Without it, the result is only for those who wait for it
   */
  encode(result: unknown, keepResult: true | number | undefined): KeptResult {
    const time = typeof keepResult === 'number' ? { keepFor: keepResult } : {};
    if (result === undefined) return time;
    try {
      const kept = { ...time, result: this.serialize(result) };
      return keepResult === undefined ? { ...kept, isOnlyTold: true } : kept;
    } catch (error) {
      return { ...time, error: `The result is not kept: ${reasonOf(error)}` };
    }
  }

  /** @throws CorruptJobError if the text is not readable */
  decode(id: string, text: string): unknown {
    try {
      return this.options.serializer.deserialize(text);
    } catch (cause) {
      throw new CorruptJobError(id, 'its result is not readable', { cause });
    }
  }

  private serialize(result: unknown): string {
    const { serializer, maxPayloadSize } = this.options;
    const text: unknown = serializer.serialize(result);
    if (typeof text !== 'string') {
      throw new UnserializableValueError('data', `is made ${describe(text)} by the serializer, not a string`);
    }
    const size = Buffer.byteLength(text);
    if (size > maxPayloadSize) {
      throw new UnserializableValueError('data', `is ${size} bytes long, and at most ${maxPayloadSize} are allowed`);
    }
    return text;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof UnserializableValueError)) return errorMessage(toError(error));
  return wholeText(`${error.path.replace(/^data/, 'result')} ${error.reason}`);
}
