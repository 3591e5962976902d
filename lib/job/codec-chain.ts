import { UnknownCodecError } from '../queue.errors.js';
import type { PayloadCodec } from './payload-codec.interface.js';

/** A text that was encoded, and the marks of the codecs, in the order in which they ran: `name`, or `name:note`. */
export interface CodedText {
  readonly text: string;
  readonly marks: readonly string[];
}

const MARK = /^([a-z0-9-]{1,32})(?::([A-Za-z0-9_.-]{1,64}))?$/;
/** Begins a text that has its marks in front: no JSON begins with it. */
const SEAL = '\u0001';

/** Returns true if the value is the mark of a codec. */
export function isMark(value: unknown): value is string {
  return typeof value === 'string' && MARK.test(value);
}

/**
 * The codecs behind the serializer. What they make of a text is stored in base64.
 *
 * The record of a job has the marks in its header: {@link encode}, {@link decode}. Other texts, results and checkpoints, have them in
 * front: {@link seal}, {@link open}.
 */
export class CodecChain {
  private readonly byName: ReadonlyMap<string, PayloadCodec>;
  private readonly required: readonly string[];

  /** @param limit the most bytes of a text that is decoded */
  constructor(
    private readonly codecs: readonly PayloadCodec[] = [],
    private readonly limit = Number.POSITIVE_INFINITY,
  ) {
    this.byName = new Map(codecs.map((codec) => [codec.name, codec]));
    this.required = codecs.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  }

  get isEmpty(): boolean {
    return this.codecs.length === 0;
  }

  /** True if no text is read that a codec has not encoded. */
  get isStrict(): boolean {
    return this.required.length > 0;
  }

  /** Encodes a text; `undefined` if all codecs leave it as it is. */
  encode(text: string, subject: string): CodedText | undefined {
    let bytes: Uint8Array | undefined;
    const marks: string[] = [];
    for (const codec of this.codecs) {
      const encoded = codec.encode(bytes ?? Buffer.from(text), subject);
      if (!encoded) continue;
      ({ bytes } = encoded);
      marks.push(encoded.note === undefined ? codec.name : `${codec.name}:${encoded.note}`);
    }
    return bytes && { text: asBuffer(bytes).toString('base64'), marks };
  }

  /**
   * Decodes a text.
   *
   * @throws UnknownCodecError if a codec or a key is missing here
   * @throws another error if it is not what the codecs have made
   */
  decode({ text, marks }: CodedText, subject: string): string {
    const missing = this.lacks(marks);
    if (missing !== undefined) throw new UnknownCodecError(missing);
    const passed = marks.map((mark) => MARK.exec(mark)!);
    const absent = this.required.find((name) => !passed.some(([, each]) => each === name));
    if (absent !== undefined) throw new Error(`it was not encoded by ${absent}, which is required`);
    if (marks.length === 0) return text;
    let bytes: Uint8Array = Buffer.from(text, 'base64');
    for (const [, name, note] of passed.reverse()) {
      bytes = this.byName.get(name!)!.decode(bytes, { subject, note, limit: this.limit });
    }
    return asBuffer(bytes).toString();
  }

  /** Returns what is missing here to decode texts with these marks; `undefined` if nothing is. */
  lacks(marks: readonly string[]): string | undefined {
    for (const mark of marks) {
      const [, name = mark, note] = MARK.exec(mark) ?? [];
      const codec = this.byName.get(name);
      if (!codec) return `a codec "${name}"`;
      const missing = codec.lacks?.(note);
      if (missing !== undefined) return missing;
    }
    return undefined;
  }

  /** Encodes a text that has no header, and puts the marks in front of it. */
  seal(text: string, subject: string): string {
    const coded = this.encode(text, subject);
    if (coded) return `${SEAL}${coded.marks.join(' ')}\n${coded.text}`;
    return text.startsWith(SEAL) ? `${SEAL}\n${text}` : text;
  }

  /** Decodes a text that {@link seal} has made. @throws as {@link decode} does */
  open(text: string, subject: string): string {
    if (!text.startsWith(SEAL)) return this.isStrict ? this.decode({ text, marks: [] }, subject) : text;
    const end = text.indexOf('\n');
    const marks = text.slice(SEAL.length, end).split(' ').filter(Boolean);
    return this.decode({ text: text.slice(end + 1), marks }, subject);
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
