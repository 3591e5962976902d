import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { keyCheck } from '../../../lib/job/unique-options.js';
import { InvalidOptionError, PayloadNotSerializableError } from '../../../lib/queue.errors.js';
import { uniqueKeyOf } from '../../../lib/unique/unique-key.js';

const keyOf = (data: unknown): string => uniqueKeyOf('Report', {}, data, data).key;

describe('uniqueKeyOf()', () => {
  test('hashes the data, in front of it the name of the job', () => {
    const hash = createHash('sha256').update('{"a":[1,{"b":2,"c":3}],"z":"ä"}').digest('base64url').slice(0, 22);
    expect(keyOf({ z: 'ä', a: [1, { c: 3, b: 2 }] })).toBe(`Report\t${hash}`);
    expect(keyOf({ a: [1, { b: 2, c: 3 }], z: 'ä', absent: undefined })).toBe(`Report\t${hash}`);
  });

  test('makes another key for other data, for another type and for another order of a list', () => {
    const all = [
      undefined,
      null,
      '',
      0,
      '0',
      false,
      [],
      {},
      [1, 2],
      [2, 1],
      { a: 1 },
      { a: '1' },
      { b: 1 },
      { a: { b: 1 } },
      [{ a: 1 }],
      new Date(0),
      '1970-01-01T00:00:00.000Z',
      -0,
    ];
    expect(new Set(all.map(keyOf)).size).toBe(all.length);
  });

  test('makes the same key for any data, in whatever order its properties are', () => {
    const reversed = (value: unknown): unknown => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
      return Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([key, item]) => [key, reversed(item)]),
      );
    };
    const key = fc.string().filter((name) => !['__proto__', 'constructor', 'prototype', 'toJSON'].includes(name));
    fc.assert(
      fc.property(fc.dictionary(key, fc.oneof(fc.string(), fc.integer(), fc.dictionary(key, fc.string()))), (data) => {
        expect(keyOf(reversed(data))).toBe(keyOf(data));
        expect(keyCheck.read(keyOf(data).slice('Report\t'.length))).toBeDefined();
      }),
    );
  });

  test('takes a given key, and what says how long it is taken', () => {
    expect(uniqueKeyOf('Report', { key: 'a b', until: 'start', for: 5 }, 1, 1)).toEqual({
      key: 'Report\ta b',
      until: 'start',
      for: 5,
    });
    expect(uniqueKeyOf('Report', { key: (data) => `of ${String(data)}` }, 1, 2)).toEqual({
      key: 'Report\tof 1',
      until: 'end',
    });
  });

  test.each([[undefined], [''], [5], [{}], [Promise.resolve('a')], ['a\nb'], ['a\ud83d'], ['x'.repeat(257)]])(
    'refuses a function that returns %p',
    (made) => {
      const make = () => uniqueKeyOf('Report', { key: () => made }, 1, 1);
      expect(make).toThrow(InvalidOptionError);
      expect(make).toThrow(
        /"unique\.key": expected a function that returns a string of 1 to 256 .* for job Report, got /,
      );
    },
  );

  test('refuses a function that throws, and keeps its error as the cause', () => {
    const cause = new Error('no address');
    const key = (): string => {
      throw cause;
    };
    expect(() => uniqueKeyOf('Report', { key }, 1, 1)).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION', option: 'unique.key', cause }),
    );
    expect(() => uniqueKeyOf('Report', { key }, 1, 1)).toThrow(/of job Report; it throws: no address/);
  });

  test('refuses to hash data that JSON cannot hold, and says what to do', () => {
    const make = () => keyOf({ tags: new Set(['a']) });
    expect(make).toThrow(PayloadNotSerializableError);
    expect(make).toThrow(/data\.tags is .*give unique\.key/);
  });
});
