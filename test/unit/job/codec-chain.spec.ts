import { describe, expect, it } from '@jest/globals';
import { CodecChain, isMark } from '../../../lib/job/codec-chain.js';
import type { DecodingFacts, PayloadCodec } from '../../../lib/job/payload-codec.interface.js';
import { UnknownCodecError } from '../../../lib/queue.errors.js';

/** Adds its name behind the bytes, and notes its calls. */
function tagging(name: string, calls: string[] = [], more: Partial<PayloadCodec> = {}): PayloadCodec {
  return {
    name,
    encode: (bytes, subject) => {
      calls.push(`${name} encodes ${Buffer.from(bytes).toString()} of ${subject}`);
      return { bytes: Buffer.concat([bytes, Buffer.from(`<${name}>`)]) };
    },
    decode: (bytes, { subject }) => {
      calls.push(`${name} decodes ${Buffer.from(bytes).toString()} of ${subject}`);
      return bytes.subarray(0, bytes.length - name.length - 2);
    },
    ...more,
  };
}

describe('isMark', () => {
  it.each(['deflate', 'aes-256-gcm:2026.a_B-1'])('accepts %s', (mark) => expect(isMark(mark)).toBe(true));
  it.each(['', 'Deflate', 'a:', 'a b', 'a:b c', 'a:b:c', 'x'.repeat(33), 5, undefined])('refuses %j', (mark) =>
    expect(isMark(mark)).toBe(false),
  );
});

describe('CodecChain', () => {
  it('runs the codecs in their order when it writes, and in the opposite order when it reads', () => {
    const calls: string[] = [];
    const chain = new CodecChain([tagging('a', calls), tagging('b', calls)]);
    const coded = chain.encode('ä', 'job 1')!;
    expect(coded).toEqual({ text: Buffer.from('ä<a><b>').toString('base64'), marks: ['a', 'b'] });
    expect(chain.decode(coded, 'job 1')).toBe('ä');
    expect(calls).toEqual([
      'a encodes ä of job 1',
      'b encodes ä<a> of job 1',
      'b decodes ä<a><b> of job 1',
      'a decodes ä<a> of job 1',
    ]);
  });

  it('reads a text by its marks, whatever the order of the codecs is now', () => {
    const coded = new CodecChain([tagging('a'), tagging('b')]).encode('x', '')!;
    expect(new CodecChain([tagging('b'), tagging('c'), tagging('a')]).decode(coded, '')).toBe('x');
  });

  it('leaves a text alone that no codec encodes', () => {
    const chain = new CodecChain([tagging('a', [], { encode: () => undefined })]);
    expect(chain.encode('x', '')).toBeUndefined();
    expect(chain.seal('x', '')).toBe('x');
    expect(chain.open('x', '')).toBe('x');
    expect(chain.decode({ text: 'x', marks: [] }, '')).toBe('x');
  });

  it('hands note and limit to the codec that reads', () => {
    const facts: DecodingFacts[] = [];
    const noting = tagging('a', [], {
      encode: (bytes) => ({ bytes, note: 'k1' }),
      decode: (bytes, given) => {
        facts.push(given);
        return bytes;
      },
    });
    const chain = new CodecChain([noting], 7);
    const coded = chain.encode('x', 's')!;
    expect(coded.marks).toEqual(['a:k1']);
    expect(chain.decode(coded, 's')).toBe('x');
    expect(facts).toEqual([{ subject: 's', note: 'k1', limit: 7 }]);
  });

  it('tells what is missing: a codec, or what a codec lacks', () => {
    const keyed = tagging('a', [], { lacks: (note) => (note === 'k1' ? undefined : `key ${note}`) });
    const chain = new CodecChain([keyed]);
    expect(chain.lacks(['a:k1'])).toBeUndefined();
    expect(chain.lacks(['a:k1', 'b'])).toBe('a codec "b"');
    expect(chain.lacks(['a:k2'])).toBe('key k2');
    expect(() => chain.decode({ text: '', marks: ['a:k2'] }, '')).toThrow(UnknownCodecError);
    expect(new CodecChain().lacks(['a'])).toBe('a codec "a"');
  });

  it('refuses a text that a required codec has not encoded', () => {
    const strict = new CodecChain([tagging('a'), tagging('b', [], { isRequired: true })]);
    expect(strict.isStrict).toBe(true);
    for (const marks of [[], ['a']]) {
      expect(() => strict.decode({ text: 'eA==', marks }, '')).toThrow('it was not encoded by b, which is required');
    }
    expect(() => strict.open('x', '')).toThrow('it was not encoded by b');
    expect(strict.open(strict.seal('x', ''), '')).toBe('x');
  });

  it.each(['x', '', '\u0001', '\u0001a\nb', '😀'])('opens %j as it was sealed, with codecs and without', (text) => {
    for (const chain of [new CodecChain(), new CodecChain([tagging('a')])]) {
      expect(chain.open(chain.seal(text, ''), '')).toBe(text);
    }
  });

  it('seals nothing without codecs', () => expect(new CodecChain().seal('{"a":1}', '')).toBe('{"a":1}'));

  it('reads bytes that are a part of larger memory', () => {
    const memory = Buffer.from('abcdef');
    const chain = new CodecChain([
      {
        name: 'a',
        encode: () => ({ bytes: new Uint8Array(memory.buffer, memory.byteOffset + 1, 3) }),
        decode: (bytes) => bytes,
      },
    ]);
    expect(chain.decode(chain.encode('', '')!, '')).toBe('bcd');
  });
});
