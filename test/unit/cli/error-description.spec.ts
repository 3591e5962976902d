import { describe, expect, test } from '@jest/globals';
import { CommandError } from '../../../lib/cli/command-error.js';
import { describeError, describeFailure } from '../../../lib/cli/error-description.js';
import { InvalidOptionError } from '../../../lib/queue.errors.js';

describe('describeError', () => {
  test('returns the message and the first place outside Node', () => {
    const error = new TypeError('not today');
    error.stack = [
      'TypeError: not today',
      '    at node:internal/modules/run:1:2',
      '    at async main (file:///app/dist/app.module.js:3:4)',
      '    at file:///app/dist/main.js:5:6',
    ].join('\n');
    expect(describeError(error)).toBe('TypeError: not today\n    at file:///app/dist/app.module.js:3:4');
  });

  test('finds the place of a syntax error', () => {
    const error = new SyntaxError('Unexpected token');
    error.stack =
      'file:///app/dist/app.module.js:3\nclass {\n      ^\n\nSyntaxError: Unexpected token\n    at compile (node:x:1:1)';
    expect(describeError(error)).toBe('SyntaxError: Unexpected token\n    at file:///app/dist/app.module.js:3');
  });

  test('accepts a thrown value that is no error', () => {
    expect(describeError('no')).toMatch(/^Error: no/);
  });
});

describe('describeFailure', () => {
  test('returns the message of an error of this library', () => {
    expect(describeFailure(new CommandError('Say it so'))).toBe('Say it so');
    expect(describeFailure(new InvalidOptionError('default', 'a queue name', 1))).toBe(
      'Option "default": expected a queue name, got 1',
    );
  });

  test('returns the stack of any other error', () => {
    expect(describeFailure(new TypeError('x'))).toMatch(/^TypeError: x\n {4}at /);
  });
});
