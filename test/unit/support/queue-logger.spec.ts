import { expect, jest, test } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { thrower } from '../../support/thrower.js';
import { createQueueLogger } from '../../../lib/support/queue-logger.js';

test('createQueueLogger() passes each message with the context to the logger of the application', () => {
  const given = { log: jest.fn(), warn: jest.fn(), error: jest.fn() };
  const logger = createQueueLogger(given, 'Queue');
  logger.log('a');
  logger.warn('b');
  logger.error('c');
  logger.error('d', 'stack');
  logger.debug('nobody listens');
  expect(given.log.mock.calls).toEqual([['a', 'Queue']]);
  expect(given.warn.mock.calls).toEqual([['b', 'Queue']]);
  expect(given.error.mock.calls).toEqual([
    ['c', 'Queue'],
    ['d', 'stack', 'Queue'],
  ]);
});

test('createQueueLogger() uses the logger of Nest by default, and logs nothing with false', () => {
  const used = jest.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
  createQueueLogger(undefined, 'Queue').error('a', 'stack');
  expect(used.mock.calls).toEqual([['a', 'stack']]);
  used.mockRestore();
  const silent = createQueueLogger(false, 'Queue');
  for (const level of ['log', 'warn', 'error', 'debug'] as const) expect(silent[level]('a')).toBeUndefined();
});

test.each([
  ['throws', thrower(new Error('disk full'))],
  ['rejects', async () => thrower(new Error('disk full'))()],
])('createQueueLogger() does not throw if the logger %s: the message goes to stderr', async (_, fail) => {
  const written: unknown[] = [];
  const write = jest.spyOn(process.stderr, 'write').mockImplementation((text) => written.push(text) > 0);
  const logger = createQueueLogger({ log: fail, warn: fail, error: fail, debug: fail }, 'Queue');
  for (const level of ['log', 'warn', 'error', 'debug'] as const) logger[level](level);
  await new Promise(setImmediate);
  write.mockRestore();
  expect(written).toEqual(['log\n', 'warn\n', 'error\n', 'debug\n']);
});
