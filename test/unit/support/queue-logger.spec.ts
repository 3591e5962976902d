import { expect, jest, test } from '@jest/globals';
import { Logger } from '@nestjs/common';
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
  expect(createQueueLogger(undefined, 'Queue')).toBeInstanceOf(Logger);
  const silent = createQueueLogger(false, 'Queue');
  for (const level of ['log', 'warn', 'error', 'debug'] as const) expect(silent[level]('a')).toBeUndefined();
});
