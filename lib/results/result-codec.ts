import { CodecChain } from '../job/codec-chain.js';
import type { CodecOptions } from '../job/job-codec.js';
import type { KeptResult } from '../job/kept-result.js';
import { UnserializableValueError } from '../job/payload-serializer.js';
import { CorruptJobError, UnknownCodecError } from '../queue.errors.js';
import { describe } from '../support/describe.js';
import { errorMessage, toError } from '../support/error-text.js';
import { wholeText } from '../support/whole-text.js';

/** What the codecs bind a result to. It is not bound to its job, since flows hand it over to other jobs. */
const SUBJECT = JSON.stringify(['result']);

/** Converts results into the text that is kept, and back: with the serializer, the limit and the codecs of the data. */
export class ResultCodec {
  private readonly chain: CodecChain;

  constructor(private readonly options: CodecOptions) {
    this.chain = new CodecChain(options.codecs, options.maxPayloadSize);
  }

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

  /** @throws UnknownCodecError if a codec or a key is missing; CorruptJobError if the text is not readable */
  decode(id: string, text: string): unknown {
    try {
      return this.options.serializer.deserialize(this.chain.open(text, SUBJECT));
    } catch (cause) {
      if (cause instanceof UnknownCodecError) throw cause;
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
    return this.chain.seal(text, SUBJECT);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof UnserializableValueError)) return errorMessage(toError(error));
  return wholeText(`${error.path.replace(/^data/, 'result')} ${error.reason}`);
}
