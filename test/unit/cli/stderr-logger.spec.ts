import { beforeEach, describe, expect, test } from '@jest/globals';
import { StderrLogger } from '../../../lib/cli/stderr-logger.js';

const TIME = String.raw`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d`;

let written: string;
const write = (text: string): void => {
  written += text;
};

beforeEach(() => {
  written = '';
});

describe('StderrLogger', () => {
  test('writes a line with time, level and context', () => {
    new StderrLogger(false, write).log('Hello', 'Mailer');
    expect(written).toMatch(new RegExp(`^${TIME}  LOG   \\[Mailer\\] Hello\n$`));
  });

  test('writes the stack below an error', () => {
    new StderrLogger(false, write).error('It failed', 'Error: x\n    at y', 'Mailer');
    expect(written).toMatch(new RegExp(`^${TIME}  ERROR \\[Mailer\\] It failed\nError: x\n    at y\n$`));
  });

  test('writes a stack that comes without a context', () => {
    new StderrLogger(false, write).error('It failed', 'Error: x\n    at y');
    expect(written).toMatch(new RegExp(`^${TIME}  ERROR It failed\nError: x\n    at y\n$`));
  });

  test('writes objects as text', () => {
    new StderrLogger(false, write).warn({ a: 1 }, 'Mailer');
    expect(written).toContain('[Mailer] { a: 1 }\n');
  });

  test('leaves out the messages of Nest during boot', () => {
    const logger = new StderrLogger(false, write);
    logger.log('AppModule dependencies initialized', 'InstanceLoader');
    logger.error(new Error('x'), 'Error: x\n    at y', 'ExceptionHandler');
    expect(written).toBe('');
  });

  test('writes only errors with --quiet', () => {
    const logger = new StderrLogger(true, write);
    logger.log('one', 'A');
    logger.warn('two', 'A');
    logger.fatal('three', 'A');
    expect(written).toMatch(new RegExp(`^${TIME}  FATAL \\[A\\] three\n$`));
  });
});
