import { describe, expect, it } from '@jest/globals';
import { describe as describeValue } from '../../../lib/support/describe.js';

class Mailer {}

describe('describe()', () => {
  it.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [true, 'true'],
    [1.5, '1.5'],
    [Number.NaN, 'NaN'],
    [-Infinity, '-Infinity'],
    [5n, '5n'],
    [Symbol('secret'), 'a symbol'],
    ['', '""'],
    ['a "b"\n', String.raw`"a \"b\"\n"`],
    [Mailer, 'class Mailer'],
    [class {}, 'class (anonymous)'],
    [function send() {}, 'function send'],
    [() => {}, 'function (anonymous)'],
    [new Mailer(), 'an instance of Mailer'],
    [new Date(0), 'an instance of Date'],
    [new Map(), 'an instance of Map'],
    [{ password: 'secret' }, 'an object'],
    [Object.create(null), 'an object'],
    [Object.create({ constructor: undefined }), 'an object'],
    [Object.create({ constructor: { name: 5 } }), 'an object'],
    [[], 'an array of 0'],
    [['secret', 'secret'], 'an array of 2'],
  ])('describes %p', (value, text) => {
    expect(describeValue(value)).toBe(text);
  });

  it('cuts a long text', () => {
    const text = describeValue('x'.repeat(10_000));
    expect(text).toBe(`"${'x'.repeat(79)}…`);
  });

  it('does not show the content of an object', () => {
    const texts = [{ token: 'secret' }, ['secret'], new Map([['secret', 'secret']]), new Error('secret')].map(
      describeValue,
    );
    expect(texts.join()).not.toContain('secret');
  });
});
