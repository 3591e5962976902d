import { describe, expect, test } from '@jest/globals';
import { CommandError } from '../../../lib/cli/command-error.js';
import { describeError, describeFailure } from '../../../lib/cli/error-description.js';
import { InvalidOptionError } from '../../../lib/queue.errors.js';

describe('describeError', () => {
  test('is the message, and the first place outside of node', () => {
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

  test('copes with what is no error', () => {
    expect(describeError('no')).toMatch(/^Error: no/);
  });
});

describe('describeFailure', () => {
  test('is the message of what was said on purpose', () => {
    expect(describeFailure(new CommandError('Say it so'))).toBe('Say it so');
    expect(describeFailure(new InvalidOptionError('default', 'a queue name', 1))).toBe(
      'Option "default": expected a queue name, got 1',
    );
  });

  test('is the stack of anything else', () => {
    expect(describeFailure(new TypeError('x'))).toMatch(/^TypeError: x\n {4}at /);
  });
});
