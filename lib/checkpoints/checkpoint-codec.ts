import type { CodecOptions } from '../job/job-codec.js';
import { CorruptJobError, InvalidOptionError } from '../queue.errors.js';

/** Converts checkpoints into the text that is stored, and back: with the serializer and the limit of the data. */
export class CheckpointCodec {
  constructor(private readonly options: CodecOptions) {}

  /** @throws InvalidOptionError if the value cannot be stored */
  encode(value: unknown): string {
    const { serializer, maxPayloadSize } = this.options;
    const expected = `a value that the serializer can store, of at most ${maxPayloadSize} bytes`;
    let text: unknown;
    try {
      text = serializer.serialize(value);
    } catch (cause) {
      throw new InvalidOptionError('checkpoint', expected, value, { cause });
    }
    if (typeof text === 'string' && Buffer.byteLength(text) <= maxPayloadSize) return text;
    throw new InvalidOptionError('checkpoint', expected, value);
  }

  /** @throws CorruptJobError if the text is not readable */
  decode(id: string, text: string): unknown {
    try {
      return this.options.serializer.deserialize(text);
    } catch (cause) {
      throw new CorruptJobError(id, 'its checkpoint is not readable', { cause });
    }
  }
}
