import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonSerializer } from '../../../lib/job/json-serializer.js';
import { UnserializableValueError } from '../../../lib/job/payload-serializer.js';

/** Halves of surrogate pairs too. */
const anyCodeUnit = fc.nat(0xffff).map((code) => String.fromCharCode(code));

const roundTrip = (data: unknown): unknown => jsonSerializer.deserialize(jsonSerializer.serialize(data));

function refusal(data: unknown): UnserializableValueError {
  try {
    jsonSerializer.serialize(data);
  } catch (error) {
    if (error instanceof UnserializableValueError) return error;
    throw error;
  }
  throw new Error('It was not refused');
}

class Purse {
  readonly #cents: number;
  constructor(cents: number) {
    this.#cents = cents;
  }
  get cents(): number {
    return this.#cents;
  }
}

class Temperature {
  get celsius(): number {
    return 1;
  }
}

class Nothing {}

function inherited(): object {
  const parent = Object.assign(Object.create(null), { a: 1 }) as object;
  return Object.create(parent) as object;
}

function* numbers(): Generator<number> {
  yield 1;
}

async function* later(): AsyncGenerator<number> {
  yield 1;
}

describe('jsonSerializer', () => {
  describe('serializes and restores', () => {
    it.each([
      ['undefined', undefined],
      ['null', null],
      ['true', true],
      ['the empty string', ''],
      ['a string', 'a "quoted"\n\u0000 😀 text'],
      ['a lone surrogate', '\ud800'],
      ['zero', 0],
      ['-0', -0],
      ['the largest number', 1e308],
      ['the smallest number', Number.MIN_VALUE],
      ['the largest safe integer', Number.MAX_SAFE_INTEGER],
      ['an array', [1, [2, [3, []]]]],
      ['an object', { a: { b: { c: {} } }, 'with space': null }],
      ['an object without a prototype', Object.assign(Object.create(null), { a: 1 })],
      ['a date', new Date('2026-02-03T04:05:06.789Z')],
      ['the first date there is', new Date(-8.64e15)],
      ['the last date there is', new Date(8.64e15)],
      ['dates and -0 wherever they are', { list: [new Date(0), { zero: -0 }], zero: -0 }],
    ])('%s', (_, data) => {
      expect(roundTrip(data)).toEqual(data);
      expect(Object.is(roundTrip(data), -0)).toBe(Object.is(data, -0));
    });

    it.each([
      { $date: '2026-01-01T00:00:00.000Z' },
      { $number: '-0' },
      { $literal: { $date: 'x' } },
      { $literal: { $literal: {} } },
      { $date: new Date(0) },
      { $date: { $date: { $date: -0 } } },
      { $date: 1, other: 2 },
      { nested: [{ $number: '-0' }] },
    ])('an object that looks like a mark of the serializer: %j', (data) => {
      expect(roundTrip(data)).toStrictEqual(data);
    });

    it('an object that looks like a mark after its undefined properties are dropped', () => {
      expect(roundTrip({ $date: '2026-01-01T00:00:00.000Z', gone: undefined })).toStrictEqual({
        $date: '2026-01-01T00:00:00.000Z',
      });
    });

    it('objects without their undefined properties', () => {
      expect(roundTrip({ a: 1, b: undefined })).toStrictEqual({ a: 1 });
    });

    it('an instance as its own enumerable properties', () => {
      class Point {
        readonly #secret = 1;
        constructor(
          readonly x: number,
          readonly at: Date,
        ) {}
        get sum(): number {
          return this.x + this.#secret;
        }
      }
      expect(roundTrip(new Point(1, new Date(0)))).toStrictEqual({ x: 1, at: new Date(0) });
    });

    it('an empty object of another realm', () => {
      expect(roundTrip([runInNewContext('({})'), runInNewContext('({ a: [1] })')])).toEqual([{}, { a: [1] }]);
    });

    it('an instance whose properties are all undefined', () => {
      expect(roundTrip(Object.assign(new Nothing(), { a: undefined }))).toStrictEqual({});
    });

    it('an object that occurs twice as two objects', () => {
      const shared = { a: 1 };
      expect(roundTrip([shared, shared])).toStrictEqual([{ a: 1 }, { a: 1 }]);
    });

    it('data nested 500 deep', () => {
      expect(JSON.stringify(roundTrip(nest(500)))).toBe(JSON.stringify(nest(500)));
    });
  });

  describe('stores the result of toJSON()', () => {
    it('and passes the key of the property to toJSON()', () => {
      const keys: string[] = [];
      const spy = { toJSON: (key: string) => (keys.push(key), 'spied') };
      const spied = Object.create(spy) as object;
      expect(roundTrip({ a: spied, list: [spied] })).toEqual({ a: 'spied', list: ['spied'] });
      expect(keys).toEqual(['a', '0']);
      expect(roundTrip(spied)).toBe('spied');
      expect(keys).toEqual(['a', '0', '']);
    });

    it('and calls toJSON() as a method of its object', () => {
      class Money {
        constructor(private readonly cents: number) {}
        toJSON(): string {
          return `${this.cents} ct`;
        }
      }
      expect(roundTrip({ price: new Money(5) })).toEqual({ price: '5 ct' });
      expect(roundTrip(new URL('https://example.org/a'))).toBe('https://example.org/a');
    });

    it('and converts or refuses it like other data', () => {
      const returning = (json: unknown): object => Object.create({ toJSON: () => json }) as object;
      expect(roundTrip(returning({ at: new Date(0), zero: -0 }))).toEqual({ at: new Date(0), zero: -0 });
      expect(refusal({ a: returning({ b: 1n }) }).path).toBe('data.a.b');
      expect(refusal([returning(Number.NaN)]).path).toBe('data[0]');
    });

    it('if toJSON() returns its own object, or belongs to an array', () => {
      class Self {
        readonly a = 1;
        toJSON(): this {
          return this;
        }
      }
      class Mark {
        readonly $date = 'x';
        toJSON(): this {
          return this;
        }
      }
      class Page extends Array<number> {
        toJSON(): unknown {
          return { items: [...this], at: new Date(0) };
        }
      }
      expect(roundTrip({ self: new Self() })).toStrictEqual({ self: { a: 1 } });
      expect(roundTrip(new Mark())).toStrictEqual({ $date: 'x' });
      expect(roundTrip({ page: Page.of(1, 2) })).toEqual({ page: { items: [1, 2], at: new Date(0) } });
    });

    it('also of a class that would be refused without it', () => {
      class Tags extends Set<string> {
        toJSON(): string[] {
          return [...this];
        }
      }
      class Denied extends Error {
        toJSON(): object {
          return { message: this.message };
        }
      }
      class Price {
        readonly #cents = 5;
        toJSON(): number {
          return this.#cents;
        }
      }
      expect(roundTrip([new Tags(['a']), new Denied('no'), new Price()])).toEqual([['a'], { message: 'no' }, 5]);
    });

    it('and refuses the object if toJSON() throws', () => {
      const throwing = Object.create({
        toJSON() {
          throw new Error('not now');
        },
      }) as object;
      expect(refusal({ a: throwing })).toMatchObject({ path: 'data.a', reason: expect.stringContaining('not now') });
    });
  });

  describe('refuses and names the path of', () => {
    it.each([
      ['a function', { a: { b: () => 1 } }, 'data.a.b', 'is function b, which cannot be stored'],
      ['a class', [class Foo {}], 'data[0]', 'is class Foo, which cannot be stored'],
      ['a symbol', { a: Symbol('s') }, 'data.a', 'is a symbol, which cannot be stored'],
      ['a BigInt', { a: [1, 2n] }, 'data.a[1]', 'is 2n, which cannot be stored'],
      ['NaN', Number.NaN, 'data', 'is NaN, which JSON cannot hold'],
      ['infinity', { a: -Infinity }, 'data.a', 'is -Infinity, which JSON cannot hold'],
      ['undefined in an array', [undefined], 'data[0]', 'is undefined, which cannot be stored'],
      ['a hole in an array', [1, , 3], 'data[1]', 'is undefined, which cannot be stored'], // oxlint-disable-line no-sparse-arrays
      ['an invalid date', { at: new Date(Number.NaN) }, 'data.at', 'is an invalid Date'],
      ['a Map', { a: new Map() }, 'data.a', 'is an instance of Map, whose content JSON would lose'],
      ['a Set', new Set([1]), 'data', 'is an instance of Set, whose content JSON would lose'],
      ['a buffer', { a: Buffer.from('a') }, 'data.a', 'is an instance of Buffer, whose content JSON would lose'],
      ['a typed array', [new Uint8Array(1)], 'data[0]', 'is an instance of Uint8Array, whose content JSON would lose'],
      ['an ArrayBuffer', new ArrayBuffer(1), 'data', 'is an instance of ArrayBuffer, whose content JSON would lose'],
      ['a regular expression', /a/, 'data', 'is an instance of RegExp, whose content JSON would lose'],
      ['a promise', Promise.resolve(), 'data', 'is an instance of Promise, whose content JSON would lose'],
      ['an error', new TypeError('a'), 'data', 'is an instance of TypeError, whose content JSON would lose'],
      ['a boxed string', Object('a'), 'data', 'is an instance of String, whose content JSON would lose'],
      ['a WeakMap', new WeakMap(), 'data', 'is an instance of WeakMap, whose content JSON would lose'],
    ])('%s', (_, data, path, reason) => {
      expect(refusal(data)).toMatchObject({ path, reason, message: `${path} ${reason}` });
    });

    it.each<[string, object]>([
      ['URLSearchParams', new URLSearchParams('a=1')],
      ['Headers', new Headers({ a: '1' })],
      ['FormData', new FormData()],
      ['Blob', new Blob(['hello'])],
      ['File', new File(['hello'], 'a.txt')],
      ['Request', new Request('http://127.0.0.1')],
      ['Response', new Response('hello')],
      ['ReadableStream', new ReadableStream()],
      ['AbortSignal', new AbortController().signal],
      ['WeakRef', new WeakRef({})],
      ['a class with private state alone', new Purse(5)],
      ['a class with accessors alone', new Temperature()],
      ['a class without any property', new Nothing()],
      ['an object that inherits its values', Object.create({ a: 1 }) as object],
      ['an object that inherits its values from an object without a prototype', inherited()],
      ['an iterator', new Map([[1, 2]]).entries()],
      ['an iterator of an array', [1].values()],
      ['a generator', numbers()],
      ['an asynchronous generator', later()],
      ['a proxy of a Map', new Proxy(new Map([[1, 2]]), {})],
      ['a proxy of a Set', new Proxy(new Set([1]), {})],
      ['a subclass of Map with a property', Object.assign(new (class extends Map {})(), { a: 1 })],
      ['a Blob with a property', Object.assign(new Blob(['hello']), { label: 'a' })],
      ['a proxy of a Map with a property', new Proxy(Object.assign(new Map(), { a: 1 }), {})],
      ['a SharedArrayBuffer', new SharedArrayBuffer(1)],
      ['a DataView', new DataView(new ArrayBuffer(1))],
      ['an error with a property', Object.assign(new Error('a'), { code: 'b' })],
    ])('%s, wherever it is', (_, value) => {
      const reason = expect.stringContaining('whose content JSON would lose');
      expect(refusal(value)).toMatchObject({ path: 'data', reason });
      expect(refusal({ list: [{ value }] })).toMatchObject({ path: 'data.list[0].value', reason });
    });

    it.each(['__proto__', 'constructor', 'prototype'])('an object with the key %s', (key) => {
      const data = { a: [JSON.parse(`{"${key}":1}`)] };
      expect(refusal(data)).toMatchObject({ path: 'data.a[0]', reason: `has the key "${key}", which is not allowed` });
    });

    it('an object that contains itself', () => {
      const data: Record<string, unknown> = { a: [1] };
      data['b'] = { back: data };
      expect(refusal(data).reason).toBe('contains itself');
      const list: unknown[] = [];
      list.push([list]);
      expect(refusal(list).reason).toBe('contains itself');
    });

    it('data nested deeper than 500, and shortens the path', () => {
      const error = refusal(nest(501));
      expect(error.reason).toBe('is nested deeper than 500');
      expect(error.path.length).toBeLessThan(100);
      expect(refusal(nest(10_000)).reason).toBe('is nested deeper than 500');
    });

    it('a getter that throws', () => {
      const data = {
        get a(): never {
          throw new Error('not now');
        },
      };
      expect(refusal([data])).toMatchObject({ path: 'data[0]', reason: expect.stringMatching(/property a .*not now/) });
    });
  });

  describe('deserializes text that another program stored', () => {
    it.each([
      '{"__proto__":{"polluted":true},"a":1}',
      '{"constructor":{"prototype":{"polluted":true}},"a":1}',
      '{"a":1,"prototype":{}}',
      String.raw`{"\u005f_proto__":{"polluted":true},"a":1}`,
      String.raw`{"const\u0072uctor":{},"a":1}`,
    ])('drops keys that could reach a prototype when it deserializes %s', (text) => {
      const data = jsonSerializer.deserialize(text) as object;
      expect(Object.keys(data)).toEqual(['a']);
      expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
      expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    });

    it('drops keys that could reach a prototype below a mark', () => {
      expect(jsonSerializer.deserialize('{"$literal":{"__proto__":{},"$date":[{"constructor":1}]}}')).toStrictEqual({
        $date: [{}],
      });
    });

    it.each([
      ['{"$date":5}', { $date: 5 }],
      ['{"$number":"7"}', { $number: '7' }],
      ['{"$literal":"x"}', { $literal: 'x' }],
      [String.raw`{"\u0024date":"1970-01-01T00:00:00.000Z"}`, new Date(0)],
    ])('leaves an object as it is if it only looks like a mark: %s', (text, data) => {
      expect(jsonSerializer.deserialize(text)).toEqual(data);
    });

    it.each(['{', 'undefined', "{'a':1}", '\u0000'])('throws a SyntaxError if the text is no JSON: %j', (text) => {
      expect(() => jsonSerializer.deserialize(text)).toThrow(SyntaxError);
    });
  });

  it('does not change the data that it serializes', () => {
    const data = { at: new Date(0), zero: -0, list: [new Date(1)] };
    jsonSerializer.serialize(data);
    expect(data).toStrictEqual({ at: new Date(0), zero: -0, list: [new Date(1)] });
  });

  it('restores all random data that it accepts', () => {
    const key = fc.oneof(
      fc.string({ unit: anyCodeUnit }),
      fc.constantFrom('$date', '$number', '$literal', '__proto__', 'constructor', 'prototype', 'toJSON', 'length'),
    );
    const leaf = fc.oneof(
      fc.string({ unit: anyCodeUnit }),
      fc.double(),
      fc.integer(),
      fc.boolean(),
      fc.date({ noInvalidDate: false }),
      fc.constantFrom(null, undefined, -0, '\udfff', 1n),
    );
    const { data } = fc.letrec((tie) => ({
      data: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        leaf,
        fc.array(tie('data'), { maxLength: 4 }),
        fc.array(fc.tuple(key, tie('data')), { maxLength: 4 }).map(toObject),
      ),
    }));
    fc.assert(
      fc.property(data, (value) => {
        let text: string;
        try {
          text = jsonSerializer.serialize(value);
        } catch (error) {
          expect(error).toBeInstanceOf(UnserializableValueError);
          expect(isLossy(value)).toBe(true);
          return;
        }
        expect(isLossy(value)).toBe(false);
        expect(jsonSerializer.deserialize(text)).toStrictEqual(withoutAbsent(value));
        expect(Buffer.from(text).toString()).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});

/** An object with exactly these own properties, `__proto__` too. */
function toObject(entries: [string, unknown][]): object {
  const object = {};
  for (const [key, value] of entries) {
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  }
  return object;
}

/** What JSON drops from objects. */
function withoutAbsent(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  if (Array.isArray(value)) return value.map(withoutAbsent);
  return toObject(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, withoutAbsent(item)]),
  );
}

/** Whether something of it would not come back: the model that the serializer is held against. */
function isLossy(value: unknown, inArray = false): boolean {
  if (value === undefined) return inArray;
  if (typeof value === 'bigint') return true;
  if (typeof value === 'number') return !Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof Date) return Number.isNaN(value.getTime());
  if (Array.isArray(value)) return value.some((item) => isLossy(item, true));
  return Object.entries(value).some(
    ([key, item]) => ['__proto__', 'constructor', 'prototype'].includes(key) || isLossy(item),
  );
}

/** Arrays in each other, so many. */
function nest(depth: number): unknown {
  let data: unknown = [];
  for (let i = 1; i < depth; i++) data = [data];
  return data;
}
