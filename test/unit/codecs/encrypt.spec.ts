import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import type { EncryptOptions } from 'nestjs-job-queue';
import { encrypt } from '../../../lib/codecs/encrypt.js';
import { InvalidOptionError } from '../../../lib/queue.errors.js';

const ONE = Buffer.alloc(32, 1);
const TWO = Buffer.alloc(32, 2);
const BYTES = Buffer.from('secret');

function roundTrip(writer: EncryptOptions, reader = writer, subject = 's'): string {
  const { bytes, note } = encrypt(writer).encode(BYTES, 's')!;
  return Buffer.from(encrypt(reader).decode(bytes, { subject, note, limit: Infinity })).toString();
}

describe('encrypt()', () => {
  it('reads what it has written, with a key as bytes, in base64, base64url or hexadecimal digits', () => {
    const forms = [ONE, new Uint8Array(ONE), ONE.toString('base64'), ONE.toString('base64url'), ONE.toString('hex')];
    for (const a of forms) {
      for (const b of forms) {
        expect(roundTrip({ keys: { a }, current: 'a' }, { keys: { a: b }, current: 'a' })).toBe('secret');
      }
    }
  });

  it('writes with the current key and names it, and reads with each key', () => {
    const before = { keys: { a: ONE }, current: 'a' };
    const after = { keys: { a: ONE, b: TWO }, current: 'b' };
    expect(encrypt(after).encode(BYTES, '')!.note).toBe('b');
    expect(roundTrip(before, after)).toBe('secret');
    expect(encrypt(after).lacks!('a')).toBeUndefined();
    expect(encrypt(before).lacks!('b')).toBe('a key "b" of encrypt()');
    expect(encrypt(before).lacks!(undefined)).toBeDefined();
  });

  it('writes other bytes each time, and shows nothing of the data', () => {
    const codec = encrypt({ keys: { a: ONE }, current: 'a' });
    const texts = [1, 2].map(() => Buffer.from(codec.encode(BYTES, '')!.bytes).toString('latin1'));
    expect(texts[0]).not.toBe(texts[1]);
    for (const text of texts) expect(text).not.toContain('secret');
  });

  it('refuses bytes of another key of the same name, of another subject, and bytes that are changed or cut', () => {
    const options = { keys: { a: ONE }, current: 'a' };
    expect(() => roundTrip(options, { keys: { a: TWO }, current: 'a' })).toThrow();
    expect(() => roundTrip(options, options, 'other')).toThrow();
    const codec = encrypt(options);
    const bytes = Buffer.from(codec.encode(BYTES, 's')!.bytes);
    for (let length = 0; length < bytes.length; length++) {
      const facts = { subject: 's', note: 'a', limit: Infinity };
      expect(() => codec.decode(bytes.subarray(0, length), facts)).toThrow();
      const changed = Buffer.from(bytes);
      changed[length]! ^= 1;
      expect(() => codec.decode(changed, facts)).toThrow();
    }
  });

  it('takes no tag that is shorter than 16 bytes', () => {
    const codec = encrypt({ keys: { a: ONE }, current: 'a' });
    expect(() => codec.decode(Buffer.alloc(27), { subject: '', note: 'a', limit: 1 })).toThrow(
      'it is shorter than anything encrypted',
    );
  });

  it.each<[string, unknown, string]>([
    ['no keys', { keys: {}, current: 'a' }, 'Option "encrypt().keys": expected at least one key'],
    ['no current key', { keys: { a: ONE } }, 'Option "encrypt().current": expected the name of a key'],
    ['a current key that is not there', { keys: { a: ONE }, current: 'b' }, 'expected "a", got "b"'],
    ['a name that cannot stand in a header', { keys: { 'a b': ONE }, current: 'a b' }, 'names of keys of 1 to 64'],
    ['another option', { keys: { a: ONE }, current: 'a', algorithm: 'x' }, 'Option "encrypt().algorithm"'],
  ])('refuses %s', (_title, options, message) => {
    expect(() => encrypt(options as EncryptOptions)).toThrow(InvalidOptionError);
    expect(() => encrypt(options as EncryptOptions)).toThrow(message);
  });

  it.each(['hunter2'.repeat(4), 'x'.repeat(32), ONE.toString('hex').slice(1), Buffer.alloc(31), 5, null])(
    'refuses the key %j, and does not show it',
    (key) => {
      const make = () => encrypt({ keys: { main: key as never }, current: 'main' });
      expect(make).toThrow(/^Option "encrypt\(\)\.keys\.main": expected 32 bytes/);
      expect(make).not.toThrow(/hunter2|xxxx|0101/);
    },
  );

  it('does not show its keys', () => {
    const shown = inspect(encrypt({ keys: { main: ONE.toString('hex') }, current: 'main' }), { depth: 9 });
    expect(shown).not.toMatch(/01010101|main/);
  });
});
