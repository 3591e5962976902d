import { withGlobal, type Clock as SinonClock, type FakeMethod } from '@sinonjs/fake-timers';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { Job, type JobContext, type JobHandler, QueueManager, type QueueModuleOptions, Worker } from 'nestjs-job-queue';
import { buildQueueApp } from './queue-app.js';

/** A library of fake timers, with the settings that the chapter on tests advises. */
interface FakeTimers {
  install(): void;
  /** Lets time pass. What the timers set off runs meanwhile. */
  advance(seconds: number): Promise<void>;
  /** Lets time pass, and runs the timers, but nothing that promises set off. */
  advanceSync(seconds: number): void;
  /** Lets time pass until no timer is left. */
  runAll(): Promise<void>;
  uninstall(): void;
}

function jestTimers(doNotFake: ('setImmediate' | 'nextTick' | 'queueMicrotask' | 'performance')[]): FakeTimers {
  return {
    install: () => void jest.useFakeTimers({ doNotFake }),
    advance: (seconds) => jest.advanceTimersByTimeAsync(seconds * 1000),
    advanceSync: (seconds) => jest.advanceTimersByTime(seconds * 1000),
    runAll: () => jest.runAllTimersAsync(),
    uninstall: () => void jest.useRealTimers(),
  };
}

/** sinon and vitest have their fake timers from this package. */
function sinonTimers(toFake: FakeMethod[]): FakeTimers {
  let clock: SinonClock;
  return {
    install: () => void (clock = withGlobal(globalThis).install({ toFake })),
    advance: async (seconds) => void (await clock.tickAsync(seconds * 1000)),
    advanceSync: (seconds) => void clock.tick(seconds * 1000),
    runAll: async () => void (await clock.runAllAsync()),
    uninstall: () => clock.uninstall?.(),
  };
}

const log: string[] = [];

@Job({ maxTries: 3, retryDelay: 60 })
class SendJob implements JobHandler<string> {
  async handle(address: string, job: JobContext): Promise<void> {
    log.push(`${address} #${job.attempt}`);
    if (address === 'nobody') throw new Error('no such address');
  }

  async failed(error: Error, address: string): Promise<void> {
    log.push(`${address}: ${error.message}`);
  }
}

@Job({ maxTries: 1, timeout: 5 })
class SlowJob implements JobHandler<number> {
  async handle(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => void setTimeout(resolve, milliseconds));
    log.push('slow');
  }
}

@Job()
class CountdownJob implements JobHandler<number> {
  constructor(private readonly queue: QueueManager) {}

  async handle(left: number): Promise<void> {
    log.push(String(left));
    if (left > 0) await this.queue.push(CountdownJob, left - 1);
  }
}

const KITS: [name: string, timers: FakeTimers][] = [
  ['all fake timers of jest', jestTimers([])],
  ['all fake timers of jest but setImmediate', jestTimers(['setImmediate'])],
  ['few fake timers of jest', jestTimers(['setImmediate', 'nextTick', 'queueMicrotask', 'performance'])],
  ['the fake timers of sinon and vitest', sinonTimers(['setTimeout', 'clearTimeout', 'Date'])],
  [
    'more fake timers of sinon and vitest',
    sinonTimers(['setTimeout', 'clearTimeout', 'Date', 'hrtime', 'performance']),
  ],
];

describe.each(KITS)('on %s, the array driver', (_name, timers) => {
  let app: INestApplicationContext;
  let queue: QueueManager;
  let worker: Worker;

  beforeEach(() => {
    log.length = 0;
    timers.install();
  });

  afterEach(async () => {
    timers.uninstall();
    await app.close();
  });

  async function start(options: QueueModuleOptions = {}): Promise<void> {
    const given = { jobs: { retryJitter: 0 }, ...options };
    app = await buildQueueApp({ providers: [SendJob, SlowJob, CountdownJob] }, given).compile();
    await app.init();
    queue = app.get(QueueManager);
    worker = app.get(Worker);
  }

  const statusOf = async (id: string): Promise<string | undefined> => (await queue.getJobStatus(id))?.status;

  describe('without a running worker', () => {
    beforeEach(() => start({ worker: false, jobs: { retryJitter: 0 } }));

    it('runs a ready job while time stands still', async () => {
      const id = await queue.push(SendJob, 'ada');
      expect(await worker.runOnce()).toBe(1);
      expect(await statusOf(id)).toBe('completed');
    });

    it('runs a delayed job when its time has come, also if time passed at once', async () => {
      await queue.later(SendJob, 'ada', '1h');
      expect(await worker.runOnce()).toBe(0);
      timers.advanceSync(3599);
      expect(await worker.runOnce()).toBe(0);
      timers.advanceSync(1);
      expect(await worker.runOnce()).toBe(1);
    });

    it('runs each attempt of a failing job after its pause', async () => {
      const id = await queue.push(SendJob, 'nobody');
      await worker.runOnce();
      timers.advanceSync(59);
      expect(await worker.runOnce()).toBe(0);
      timers.advanceSync(1);
      await worker.runOnce();
      timers.advanceSync(120);
      await worker.runOnce();
      expect(log).toEqual(['nobody #1', 'nobody #2', 'nobody #3', 'nobody: no such address']);
      expect(await statusOf(id)).toBe('failed');
    });

    it('runs all jobs until none is ready, also jobs that jobs push', async () => {
      await queue.pushMany(
        SendJob,
        Array.from({ length: 200 }, (_, index) => `reader ${index}`),
      );
      await queue.push(CountdownJob, 60);
      expect(await worker.run({ stopWhenEmpty: true })).toBe('empty');
      expect(log.length).toBe(261);
    });

    it('fails an attempt whose time limit has passed', async () => {
      const id = await queue.push(SlowJob, 10_000);
      const run = worker.runOnce();
      await timers.advance(5);
      expect(await run).toBe(1);
      expect(await statusOf(id)).toBe('failed');
    });

    it('keeps the lease of a popped job while hours pass', async () => {
      await queue.push(SendJob, 'ada');
      const job = await queue.pop<string>();
      await timers.advance(7200);
      await job!.complete();
      expect(await statusOf(job!.id)).toBe('completed');
    });

    it('forgets the status of an ended job after a day', async () => {
      const id = await queue.push(SendJob, 'ada');
      await worker.runOnce();
      timers.advanceSync(86_399);
      expect(await statusOf(id)).toBe('completed');
      timers.advanceSync(1);
      expect(await statusOf(id)).toBeUndefined();
    });
  });

  describe('with a running worker', () => {
    it('runs a pushed job', async () => {
      await start();
      const id = await queue.push(SendJob, 'ada');
      await timers.advance(0);
      expect(await statusOf(id)).toBe('completed');
    });

    it('runs a delayed job when its time has come', async () => {
      await start();
      await queue.later(SendJob, 'ada', '1h');
      await timers.advance(3599);
      expect(log).toEqual([]);
      await timers.advance(1);
      expect(log).toEqual(['ada #1']);
    });

    it('runs every attempt of a failing job', async () => {
      await start();
      const id = await queue.push(SendJob, 'nobody');
      await timers.advance(0);
      expect(log).toEqual(['nobody #1']);
      await timers.advance(60);
      expect(log).toEqual(['nobody #1', 'nobody #2']);
      await timers.advance(120);
      expect(log).toEqual(['nobody #1', 'nobody #2', 'nobody #3', 'nobody: no such address']);
      expect(await statusOf(id)).toBe('failed');
    });

    it('waits for a running job when the application closes', async () => {
      await start();
      await queue.push(SlowJob, 2000);
      await timers.advance(0);
      const closing = app.close();
      await timers.advance(2);
      await closing;
      expect(log).toEqual(['slow']);
    });

    it('waits without a timer, so that a test can run all timers', async () => {
      await start();
      await queue.later(SendJob, 'ada', '1h');
      await queue.push(SendJob, 'nobody');
      await timers.runAll();
      expect(log).toEqual(['nobody #1', 'nobody #2', 'nobody #3', 'nobody: no such address', 'ada #1']);
      await timers.runAll();
      expect(worker.isRunning).toBe(true);
      await queue.push(SendJob, 'bob');
      await timers.runAll();
      expect(log.at(-1)).toBe('bob #1');
    });
  });
});
