import { deflateSync, inflateSync } from 'node:zlib';
import type { PayloadCodec } from '../job/payload-codec.interface.js';
import { integer, type Check } from '../support/checks.js';
import { OptionReader } from '../support/option-reader.js';

export interface CompressOptions {
  /** Text of more bytes than this is compressed: bytes, or a text such as `'4kB'` (of 1,000) or `'4KiB'` (of 1,024). Default: 1 kB. */
  above?: number | string;
}

const DEFAULT_ABOVE = 1_000;
const UNITS: Readonly<Record<string, number>> = { b: 1, kb: 1_000, mb: 1_000_000, kib: 1_024, mib: 1_048_576 };
const bytesCheck = integer(0);
const sizeCheck: Check<number> = {
  expected: 'a number of bytes from 0, or a text such as "1kB", "4KiB" or "1MB"',
  read(value) {
    if (typeof value !== 'string') return bytesCheck.read(value);
    const [, count, unit = 'b'] = /^(\d+(?:\.\d+)?)\s*([a-z]+)?$/i.exec(value.trim()) ?? [];
    const factor = UNITS[unit.toLowerCase()];
    return count === undefined || factor === undefined ? undefined : Math.round(Number(count) * factor);
  },
};

/**
 * Makes a codec that compresses large data (deflate, with a checksum). It leaves data as it is that would not become smaller. Data that it reads never takes
 * more memory than `maxPayloadSize`.
 *
 * Put it before `encrypt()`: encrypted data cannot be compressed.
 *
 * @throws InvalidOptionError
 */
export function compress(options: CompressOptions = {}): PayloadCodec {
  const given = OptionReader.of(options, 'compress()');
  given.refuseOthers(['above']);
  if (options.above === Number.POSITIVE_INFINITY) return new Compression(options.above);
  return new Compression(given.get('above', sizeCheck) ?? DEFAULT_ABOVE);
}

class Compression implements PayloadCodec {
  readonly name = 'deflate';

  constructor(private readonly above: number) {}

  encode(bytes: Uint8Array): { readonly bytes: Uint8Array } | undefined {
    if (bytes.byteLength <= this.above) return undefined;
    const compressed = deflateSync(bytes);
    return compressed.byteLength < bytes.byteLength ? { bytes: compressed } : undefined;
  }

  decode(bytes: Uint8Array, { limit }: { readonly limit: number }): Uint8Array {
    // Without a limit zlib has its own.
    return inflateSync(bytes, Number.isFinite(limit) ? { maxOutputLength: limit } : {});
  }
}
