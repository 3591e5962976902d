import { beforeEach, describe, expect, test } from '@jest/globals';
import { JsonPrinter } from '../../../lib/cli/json-printer.js';
import type { StartFacts, StopFacts } from '../../../lib/cli/printer.interface.js';
import { TextPrinter } from '../../../lib/cli/text-printer.js';
import type { JobReport } from '../../../lib/index.js';

/** 1 March 2026, 09:05:07, in the time zone of the machine. */
const TIME = new Date(2026, 2, 1, 9, 5, 7, 89);

const REPORT: JobReport = {
  time: TIME,
  queue: 'emails',
  name: 'SendEmailJob',
  id: '0TPHqCBTSo4hVnBpbbrl',
  attempt: 1,
  outcome: 'completed',
  duration: 12,
};

const START: StartFacts = {
  time: TIME,
  version: '1.2.3',
  pid: 42,
  module: 'AppModule',
  driver: 'redis',
  server: 'redis 127.0.0.1:6379/0',
  queues: ['high', 'emails'],
  notWorked: [],
  concurrency: 10,
};

const STOP: StopFacts = {
  time: TIME,
  reason: 'stopped',
  signal: 'SIGTERM',
  totals: { attempts: 3, outcomes: { completed: 2, failed: 1 } },
  duration: 125_000,
};

let written: string;
const write = (text: string): void => {
  written += text;
};

beforeEach(() => {
  written = '';
});

describe('TextPrinter', () => {
  test('prints the first line, the signal and the totals', () => {
    const printer = new TextPrinter(write, false);
    printer.started(START);
    printer.paused(true, TIME);
    printer.paused(false, TIME);
    printer.stopping('SIGTERM', TIME);
    printer.stopped(STOP);
    printer.stopped({ ...STOP, reason: 'max-time', totals: { attempts: 1, outcomes: {} } });
    expect(written.split('\n')).toEqual([
      '2026-03-01 09:05:07  Working queues high, emails of AppModule on redis 127.0.0.1:6379/0, 10 jobs at once; pid 42, nestjs-job-queue 1.2.3; Ctrl+C stops it',
      '2026-03-01 09:05:07  SIGUSR2: starting no more jobs in this process until SIGCONT; running jobs go on',
      '2026-03-01 09:05:07  SIGCONT: starting jobs again',
      '2026-03-01 09:05:07  SIGTERM: taking no more jobs, waiting for the running jobs (a second signal requeues them at once)',
      '2026-03-01 09:05:07  Stopped (on SIGTERM): 3 attempts in 2 min 5 s: 2 completed, 1 failed',
      '2026-03-01 09:05:07  Stopped (--max-time is over): 1 attempt in 2 min 5 s',
      '',
    ]);
  });

  test('prints a job in columns', () => {
    const printer = new TextPrinter(write, false);
    printer.job(REPORT);
    printer.job({
      ...REPORT,
      name: 'ResizeImageJob',
      attempt: 2,
      outcome: 'failed',
      duration: 1250,
      error: 'No\nroom',
    });
    printer.job({ ...REPORT, outcome: 'retrying', duration: 61_000, delay: 0.5, error: 'busy' });
    expect(written.split('\n')).toEqual([
      '2026-03-01 09:05:07  SendEmailJob          0TPHqCBTSo4hVnBpbbrl  #1   completed      12 ms',
      '2026-03-01 09:05:07  ResizeImageJob        0TPHqCBTSo4hVnBpbbrl  #2   failed        1.25 s  No room',
      '2026-03-01 09:05:07  SendEmailJob          0TPHqCBTSo4hVnBpbbrl  #1   retrying   1 min 1 s  again in 500 ms: busy',
      '',
    ]);
  });

  test('widens the column of names for a long name, to at most 40 characters', () => {
    const printer = new TextPrinter(write, false);
    printer.job({ ...REPORT, name: 'J'.repeat(60) });
    printer.job(REPORT);
    const [long, short] = written.split('\n');
    expect(long!.indexOf(REPORT.id)).toBe(short!.indexOf(REPORT.id));
    expect(long).toContain(`  ${'J'.repeat(39)}…  `);
  });

  test('removes control characters and line breaks from the texts of a job', () => {
    const printer = new TextPrinter(write, false);
    const hostile = 'a\u001B[2J\r\nb\u2028c\u009Bd\u202Ee';
    printer.job({ ...REPORT, name: hostile, outcome: 'unknown', error: `${hostile}${'x'.repeat(500)}` });
    expect(written).toMatch(/^[\P{C}\n]*$/u);
    expect(written.split('\n')).toHaveLength(2);
    expect(written.length).toBeLessThan(300);
  });

  test('prints (unreadable) in place of a missing name', () => {
    new TextPrinter(write, false).job({ ...REPORT, name: '', outcome: 'failed' });
    expect(written).toContain('  (unreadable)  ');
  });

  test('colours the outcome if colours are on', () => {
    new TextPrinter(write, true).job(REPORT);
    expect(written).toContain('\u001B[32mcompleted\u001B[39m');
  });
});

describe('JsonPrinter', () => {
  test('prints one JSON object a line', () => {
    const printer = new JsonPrinter(write);
    printer.started(START);
    printer.job({ ...REPORT, outcome: 'retrying', error: 'a\nb', delay: 60 });
    printer.paused(true, TIME);
    printer.paused(false, TIME);
    printer.stopping('SIGINT', TIME);
    printer.stopped(STOP);
    const time = TIME.toISOString();
    expect(
      written
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { event: 'started', ...START, time },
      { event: 'job', ...REPORT, time, outcome: 'retrying', error: 'a\nb', delay: 60 },
      { event: 'paused', time },
      { event: 'resumed', time },
      { event: 'stopping', time, signal: 'SIGINT' },
      {
        event: 'stopped',
        time,
        reason: 'stopped',
        signal: 'SIGTERM',
        attempts: 3,
        outcomes: { completed: 2, failed: 1 },
        duration: 125_000,
      },
    ]);
  });
});
