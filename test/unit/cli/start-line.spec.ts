import { describe, expect, test } from '@jest/globals';
import type { StartFacts } from '../../../lib/cli/printer.interface.js';
import { startLine } from '../../../lib/cli/start-line.js';

const FACTS: StartFacts = {
  time: new Date(0),
  version: '1.2.3',
  pid: 42,
  module: 'AppModule',
  driver: 'redis',
  server: 'redis 127.0.0.1:6379/0',
  queues: ['emails'],
  notWorked: [],
  concurrency: 1,
};

describe('startLine', () => {
  test('names the queue, the application, the server and the concurrency', () => {
    expect(startLine(FACTS)).toBe(
      'Working queue emails of AppModule on redis 127.0.0.1:6379/0, 1 job at once; pid 42, nestjs-job-queue 1.2.3; Ctrl+C stops it',
    );
  });

  test('names several queues in their order', () => {
    expect(startLine({ ...FACTS, queues: ['high', 'emails'], concurrency: 20 })).toContain(
      'Working queues high, emails of AppModule on redis 127.0.0.1:6379/0, 20 jobs at once;',
    );
  });

  test('names the driver alone if the driver does not name its server', () => {
    expect(startLine({ ...FACTS, server: undefined })).toContain(' of AppModule on redis, 1 job at once;');
  });

  test('names the array driver by its address', () => {
    expect(startLine({ ...FACTS, driver: 'array', server: 'array, in this process' })).toContain(
      ' of AppModule on array, in this process, 1 job at once;',
    );
  });
});
