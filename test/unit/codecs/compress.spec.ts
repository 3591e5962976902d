import { describe, expect, it } from '@jest/globals';
import { compress } from '../../../lib/codecs/compress.js';
import { InvalidOptionError } from '../../../lib/queue.errors.js';

const LONG = Buffer.from('a'.repeat(2_000));
const FACTS = { subject: '', note: undefined, limit: Infinity };

describe('compress()', () => {
  it('compresses what is longer than the limit, and reads it back', () => {
    const codec = compress({ above: 1_999 });
    const { bytes } = codec.encode(LONG, '')!;
    expect(bytes.byteLength).toBeLessThan(100);
    expect(Buffer.from(codec.decode(bytes, FACTS))).toEqual(LONG);
  });

  it.each([
    [undefined, 1_000],
    [0, 0],
    [500, 500],
    ['500', 500],
    ['1kB', 1_000],
    ['1.5 KB', 1_500],
    ['4KiB', 4_096],
    ['1MB', 1_000_000],
    ['1MiB', 1_048_576],
  ])('with above: %j leaves %d bytes as they are, and compresses one more', (above, limit) => {
    const codec = compress({ above });
    const bytes = Buffer.from('a'.repeat(limit + 200));
    expect(codec.encode(bytes.subarray(0, limit), '')).toBeUndefined();
    expect(codec.encode(bytes, '')).toBeDefined();
  });

  it('leaves as it is what would not become smaller', () => {
    expect(compress({ above: 0 }).encode(Buffer.from('ab'), '')).toBeUndefined();
  });

  it('reads with above: Infinity, and compresses nothing', () => {
    const codec = compress({ above: Infinity });
    expect(codec.encode(LONG, '')).toBeUndefined();
    expect(codec.decode(compress().encode(LONG, '')!.bytes, FACTS).byteLength).toBe(2_000);
  });

  it('refuses to make more than the limit of what is small', () => {
    const codec = compress();
    const { bytes } = codec.encode(Buffer.alloc(50_000_000), '')!;
    expect(bytes.byteLength).toBeLessThan(100_000);
    expect(() => codec.decode(bytes, { ...FACTS, limit: 1_000_000 })).toThrow(/larger than 1000000 bytes/);
    expect(codec.decode(bytes, { ...FACTS, limit: 50_000_000 }).byteLength).toBe(50_000_000);
  });

  it.each([-1, 1.5, NaN, '1 gB', 'much', null, true])('refuses above: %j', (above) => {
    expect(() => compress({ above: above as never })).toThrow(InvalidOptionError);
  });

  it('refuses another option', () => {
    expect(() => compress({ level: 9 } as never)).toThrow('Option "compress().level": expected no option of this name');
  });
});
