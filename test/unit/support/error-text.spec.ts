import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { errorMessage, errorStack, toError } from '../../../lib/support/error-text.js';

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
