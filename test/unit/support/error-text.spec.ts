import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { errorMessage, errorName, errorStack, toError } from '../../../lib/support/error-text.js';

function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown');
}

describe('toError()', () => {
  it('returns an error unchanged', () => {
    const error = new TypeError('a');
    expect(toError(error)).toBe(error);
  });

  it('returns an error of another realm unchanged, with its message', () => {
    const foreign: unknown = runInNewContext('new RangeError("far away")');
    expect(foreign).not.toBeInstanceOf(Error);
    expect(toError(foreign)).toBe(foreign);
    const ofNode = thrownBy(() => readFileSync('/there/is/nothing'));
    expect(toError(ofNode)).toBe(ofNode);
    expect(errorMessage(toError(ofNode))).toContain('ENOENT');
  });

  it('makes an error with a text as its message', () => {
    expect(toError('no luck')).toMatchObject({ message: 'no luck', cause: 'no luck' });
  });

  it.each([
    [undefined, 'undefined'],
    [null, 'object'],
    [42, 'number'],
    [{ message: 'secret' }, 'object'],
    [Symbol('secret'), 'symbol'],
  ])('makes an error of %p that names its type and keeps the value as the cause', (thrown, type) => {
    const error = toError(thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toBe(`A value that is no Error was thrown (${type})`);
    expect(error.cause).toBe(thrown);
  });
});

describe('errorMessage()', () => {
  it('returns the message', () => {
    expect(errorMessage(new Error('no luck'))).toBe('no luck');
  });

  it('returns the name of an error without a message', () => {
    expect(errorMessage(new RangeError())).toBe('RangeError');
    expect(errorMessage(Object.assign(new Error(), { name: '' }))).toBe('Error');
  });

  it('returns a text if the message is not a text', () => {
    expect(errorMessage(Object.assign(new Error(), { message: 42 }))).toBe('42');
  });

  it('cuts a message to 1,000 characters', () => {
    expect(errorMessage(new Error('x'.repeat(1_000)))).toBe('x'.repeat(1_000));
    expect(errorMessage(new Error('x'.repeat(1_001)))).toBe(`${'x'.repeat(999)}…`);
  });

  it('cuts between whole characters, and replaces halves of characters', () => {
    expect(errorMessage(new Error('😀'.repeat(600)))).toBe(`${'😀'.repeat(499)}…`);
    expect(errorMessage(new Error(`x${'😀'.repeat(600)}`))).toBe(`x${'😀'.repeat(499)}…`);
    expect(errorMessage(new Error('a\ud83d😀\ude00b'))).toBe('a\ufffd😀\ufffdb');
    expect(errorStack(Object.assign(new Error('x'), { stack: '😀'.repeat(3_000) }))).toBe(`${'😀'.repeat(1_999)}…`);
    expect(errorName(Object.assign(new Error('x'), { name: '😀'.repeat(60) }))).toBe(`${'😀'.repeat(49)}…`);
  });
});

/** Errors and values whose texts cannot be read. */
const HOSTILE: Readonly<Record<string, () => unknown>> = {
  'a message that is a getter that throws': () => Object.defineProperty(new Error('x'), 'message', { get: unreadable }),
  'a message without a prototype': () => Object.assign(new Error('x'), { message: Object.create(null) as object }),
  'a message that is a symbol': () => Object.assign(new Error('x'), { message: Symbol('x') }),
  'a stack that is a getter that throws': () => Object.defineProperty(new Error('x'), 'stack', { get: unreadable }),
  'a cause that is a getter that throws': () => Object.defineProperty(new Error('x'), 'cause', { get: unreadable }),
  'a revoked proxy': revoked,
  'a cause that is a revoked proxy': () => new Error('x', { cause: revoked() }),
  'errors that are a revoked proxy': () => Object.assign(new Error('x'), { errors: revoked() }),
  'an object without a prototype': () => Object.create(null) as object,
  'a function': () => unreadable,
};

function unreadable(): never {
  throw new Error('unreadable');
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable(new Error('x'), {});
  revoke();
  return proxy;
}

describe.each(Object.entries(HOSTILE))('an error that cannot be told: %s', (_, make) => {
  it('has a message and a stack all the same', () => {
    const error = toError(make());
    expect(errorMessage(error)).toMatch(/./);
    expect(errorStack(error)).toMatch(/./);
  });
});

describe('the causes of an error', () => {
  it.each<[string, Error, string]>([
    ['a cause', new Error('could not save', { cause: new Error('duplicate key') }), 'could not save: duplicate key'],
    ['a cause of a cause', new Error('a', { cause: new Error('b', { cause: new Error('c') }) }), 'a: b: c'],
    ['a cause that is a text', new Error('a', { cause: 'b' }), 'a: b'],
    ['no cause that is an object', new Error('a', { cause: { message: 'secret' } }), 'a'],
    [
      'no cause that its message names already',
      new Error('not saved (full)', { cause: new Error('full') }),
      'not saved (full)',
    ],
    ['collected errors', new AggregateError([new Error('a'), new Error('b')], 'all failed'), 'all failed: a; b'],
    ['collected errors if its message is empty', new AggregateError([new Error('a'), new Error('b')]), 'a; b'],
    ['a cause that collects errors', new Error('x', { cause: new AggregateError([new Error('a')]) }), 'x: a'],
  ])('belong to its message: %s', (_, error, message) => {
    expect(errorMessage(error)).toBe(message);
  });

  it('are told once if they form a cycle, and to some levels only', () => {
    const error = new Error('a');
    error.cause = new Error('b', { cause: error });
    expect(errorMessage(error)).toBe('a: b');
    expect(errorStack(error).match(/Caused by/g)).toHaveLength(1);
    let deep = new Error('level 0');
    for (let level = 1; level <= 1_000; level++) deep = new Error(`level ${level}`, { cause: deep });
    expect(errorMessage(deep)).toBe('level 1000: level 999: level 998: level 997: level 996');
    const wide = new AggregateError(Array.from({ length: 1_000 }, (_, index) => new Error(`number ${index}`)));
    expect(errorMessage(wide)).toBe('number 0; number 1; number 2; number 3; number 4');
    expect(errorMessage(new Error('x', { cause: new Error('y'.repeat(5_000)) }))).toHaveLength(1_000);
  });

  it('have their stacks in the log', () => {
    const error = new Error('a', { cause: new AggregateError([new Error('b')], 'c') });
    expect(errorStack(error)).toMatch(/^Error: a\n[^]*Caused by: AggregateError: c\n[^]*Caused by: Error: b\n\s+at /);
  });
});

describe('errorStack()', () => {
  it('returns the stack without the properties of the error', () => {
    const error = Object.assign(new Error('refused'), { command: { name: 'evalsha', args: ['secret'] } });
    expect(errorStack(error)).toContain('refused');
    expect(errorStack(error)).toContain('error-text.spec');
    expect(errorStack(error)).not.toContain('secret');
  });

  it('returns the message of an error without a stack', () => {
    expect(errorStack(Object.assign(new Error('no luck'), { stack: undefined }))).toBe('no luck');
  });

  it('cuts a stack to 4,000 characters', () => {
    const text = errorStack(new Error('x'.repeat(100_000)));
    expect(text).toHaveLength(4_000);
    expect(text.endsWith('…')).toBe(true);
  });
});
