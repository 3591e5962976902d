import { CodecChain } from '../job/codec-chain.js';
import type { CodecOptions } from '../job/job-codec.js';
import { CorruptJobError, InvalidOptionError, UnknownCodecError } from '../queue.errors.js';

/** Converts checkpoints into the text that is stored, and back: with the serializer, the limit and the codecs of the data. */
export class CheckpointCodec {
  private readonly chain: CodecChain;

  constructor(private readonly options: CodecOptions) {
    this.chain = new CodecChain(options.codecs, options.maxPayloadSize);
  }

  /** @throws InvalidOptionError if the value cannot be stored */
  encode(id: string, value: unknown): string {
    const { serializer, maxPayloadSize } = this.options;
    const expected = `a value that the serializer can store, of at most ${maxPayloadSize} bytes`;
    let text: unknown;
    try {
      text = serializer.serialize(value);
    } catch (cause) {
      throw new InvalidOptionError('checkpoint', expected, value, { cause });
    }
    if (typeof text === 'string' && Buffer.byteLength(text) <= maxPayloadSize)
      return this.chain.seal(text, subjectOf(id));
    throw new InvalidOptionError('checkpoint', expected, value);
  }

  /** @throws UnknownCodecError if a codec or a key is missing; CorruptJobError if the text is not readable */
  decode(id: string, text: string): unknown {
    try {
      return this.options.serializer.deserialize(this.chain.open(text, subjectOf(id)));
    } catch (cause) {
      if (cause instanceof UnknownCodecError) throw cause;
      throw new CorruptJobError(id, 'its checkpoint is not readable', { cause });
    }
  }
}

/** The subject to which the codecs bind a checkpoint. */
function subjectOf(id: string): string {
  return JSON.stringify(['checkpoint', id]);
}
