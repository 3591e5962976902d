import { describe, expect, it } from '@jest/globals';
import type { RegisteredJobOptions } from '../../../lib/discovery/registered-job.interface.js';
import type { RecordOptions } from '../../../lib/job/job-record.js';
import { thrower } from '../../support/thrower.js';
import { WorkerScene } from './scene.js';
import { ArrayStage, bothStages } from './stage.js';

const error = new Error('no luck');

describe('retries', () => {
  const stage = new ArrayStage();
  const scene = new WorkerScene(stage);
  /** Seconds since the start of the test. */
  const now = (): number => (stage.clock.now() - START) / 1000;
  const START = Date.UTC(2026, 0, 1);

  it('start after 60, 120 and 240 seconds, then the job fails once', async () => {
    const log: string[] = [];
    scene.define({
      Unlucky: {
        handle: (_data, { attempt }) => {
          log.push(`${now()}: attempt ${attempt}`);
          throw error;
        },
        failed: ({ message }) => log.push(`${now()}: failed, ${message}`),
        options: { maxTries: 4 },
      },
    });
    await scene.push('Unlucky');
    const worker = await scene.worker({ jobs: { retryDelay: 60 } });
    worker.start();
    await stage.clock.advance(3_500);
    expect(log).toEqual(['0: attempt 1', '60: attempt 2', '180: attempt 3', '420: attempt 4', '420: failed, no luck']);
    expect(await scene.driver.counts('default')).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 1 });
  });

  it.each<[string, RegisteredJobOptions, RecordOptions, number[]]>([
    ['of a list, and repeat the last one', { backoff: [5, 1] }, {}, [0, 5, 6, 7]],
    ['of a function', { backoff: (attempt) => `${attempt * 10}s` as const }, {}, [0, 10, 30, 60]],
    ['of one length', { backoff: 'fixed', retryDelay: 20 }, {}, [0, 20, 40, 60]],
    ['of the push', { backoff: () => 1 }, { backoff: [3, 9] }, [0, 3, 12, 21]],
  ])('start after the pauses %s', async (_name, ofClass, ofPush, starts) => {
    const times: number[] = [];
    scene.define({ Unlucky: { handle: () => (times.push(now()), thrower(error)()), options: ofClass } });
    await scene.push('Unlucky', undefined, { options: { maxTries: 4, ...ofPush } });
    const worker = await scene.worker({ jobs: { retryJitter: 0 } });
    worker.start();
    await stage.clock.advance(100);
    expect(times).toEqual(starts);
  });

  it('start at random times, at most maxRetryDelay apart', async () => {
    const times: number[] = [];
    scene.define({ Unlucky: { handle: () => (times.push(now()), thrower(error)()) } });
    await scene.push('Unlucky', undefined, { options: { maxTries: 8 } });
    const worker = await scene.worker({ jobs: { retryDelay: 60, maxRetryDelay: 600, retryJitter: 0.1 } });
    worker.start();
    await stage.clock.advance(3_500);
    const pauses = times.slice(1).map((time, index) => time - times[index]!);
    const bare = [60, 120, 240, 480, 600, 600, 600];
    expect(pauses).toHaveLength(bare.length);
    pauses.forEach((pause, index) => {
      expect(pause).toBeGreaterThanOrEqual(bare[index] === 600 ? 540 : bare[index]!);
      expect(pause).toBeLessThanOrEqual(Math.min(bare[index]! * 1.1 + 0.001, 600.001));
    });
  });

  it('do not delay other jobs', async () => {
    const done: string[] = [];
    scene.define({
      Unlucky: { handle: thrower(error) },
      Lucky: { handle: () => done.push(`${now()}`) },
    });
    await scene.push('Unlucky');
    const worker = await scene.worker({ worker: { concurrency: 1 } });
    worker.start();
    await stage.clock.advance(1);
    await scene.push('Lucky');
    await stage.clock.advance(1);
    expect(done).toEqual(['1']);
  });

  it('end when an attempt succeeds', async () => {
    let attempts = 0;
    scene.define({ Late: { handle: () => (++attempts < 3 ? thrower(error)() : undefined) } });
    const id = await scene.push('Late', undefined, { options: { maxTries: 5 } });
    const worker = await scene.worker();
    worker.start();
    await stage.clock.advance(3_500);
    expect(attempts).toBe(3);
    expect(await scene.status(id)).toMatchObject({ state: 'completed', attempt: 3 });
  });

  it('follow a timeout as they follow an error', async () => {
    const log: string[] = [];
    scene.define({
      Slow: {
        handle: (_data, { attempt, signal }) => {
          signal.addEventListener('abort', () => log.push(`${now()}: ${attempt} aborted`));
          return new Promise(() => {});
        },
        failed: ({ message }) => log.push(`${now()}: ${message}`),
        options: { timeout: 5, maxTries: 2 },
      },
    });
    const id = await scene.push('Slow');
    const worker = await scene.worker();
    worker.start();
    await stage.clock.advance(3_500);
    const message = `Job ${id} took longer than its timeout of 5 s`;
    expect(log).toEqual(['5: 1 aborted', '70: 2 aborted', `70: ${message}`]);
    expect(await scene.status(id)).toMatchObject({ state: 'failed', attempt: 2, error: message });
  });

  it('do not count attempts that the handler releases', async () => {
    const log: string[] = [];
    scene.define({
      Patient: {
        handle: (_data, job) => {
          log.push(`${now()}: ${job.attempt} of ${job.maxTries}`);
          if (log.length < 4) job.release(30);
          else throw error;
        },
      },
    });
    const id = await scene.push('Patient', undefined, { options: { maxTries: 1 } });
    const worker = await scene.worker();
    worker.start();
    await stage.clock.advance(3_500);
    expect(log).toEqual(['0: 1 of 1', '30: 1 of 1', '60: 1 of 1', '90: 1 of 1']);
    expect(await scene.status(id)).toMatchObject({ state: 'failed', attempt: 1 });
  });
});

describe.each(bothStages())('retries on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);

  it('start at once with a retryDelay of 0, each with its attempt number', async () => {
    const attempts: number[] = [];
    scene.define({ Unlucky: { handle: (_data, { attempt }) => (attempts.push(attempt), thrower(error)()) } });
    const id = await scene.push('Unlucky', undefined, { options: { maxTries: 5, retryDelay: 0 } });
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect(attempts).toEqual([1, 2, 3, 4, 5]);
    expect(await scene.status(id)).toMatchObject({ state: 'failed', attempt: 5, error: 'no luck' });
  });

  it('follow the options of the push, then of the job, then of the run', async () => {
    const attempts: string[] = [];
    const handle = (data: string): never => {
      attempts.push(data);
      throw error;
    };
    scene.define({ Plain: { handle }, Own: { handle, maxTries: () => 2, retryDelay: () => 0 } });
    await scene.push('Plain', 'run');
    await scene.push('Own', 'own');
    await scene.push('Own', 'push', { options: { maxTries: 1 } });
    await (await scene.worker({ jobs: { retryDelay: 0 } })).run({ stopWhenEmpty: true, maxTries: 4 });
    expect(attempts.toSorted().join(' ')).toBe('own own push run run run run');
  });
});
