import { describe, expect, it } from '@jest/globals';
import type { Worker } from '../../../lib/worker/worker.js';
import { eventually } from '../../support/eventually.js';
import { quiet } from '../../support/quiet.js';
import { Recorder } from '../../support/recorder.js';
import { tapped } from '../../support/tapped-driver.js';
import { useRedis } from '../../support/use-redis.js';
import { WorkerScene } from './scene.js';
import { ArrayStage, RedisStage } from './stage.js';

describe('a delayed job', () => {
  const stage = new ArrayStage();
  const scene = new WorkerScene(stage);

  it('runs when it is due, and not earlier', async () => {
    const startedAt: number[] = [];
    const start = stage.clock.now();
    scene.define({ Timed: { handle: () => startedAt.push(stage.clock.now() - start) } });
    await scene.push('Timed', undefined, { delay: 3600 });
    await scene.push('Timed', undefined, { delay: 0.25 });
    (await scene.worker()).start();
    await stage.clock.advance(7_200);
    expect(startedAt).toEqual([250, 3_600_000]);
  });

  it('runs when it is due if its worker was idle at the push and is busy later', async () => {
    const startedAt: number[] = [];
    const start = stage.clock.now();
    scene.define({
      Timed: { handle: () => startedAt.push(stage.clock.now() - start) },
      Slow: { handle: () => new Promise<void>((resolve) => void stage.clock.after(20_000, resolve)) },
    });
    (await scene.worker({ worker: { concurrency: 2 } })).start();
    await stage.clock.advance(10);
    await scene.push('Timed', undefined, { delay: 60 });
    await stage.clock.advance(45);
    await scene.push('Slow');
    await stage.clock.advance(60);
    expect(startedAt).toEqual([70_000]);
  });

  it('waits for a free slot after it is due', async () => {
    const startedAt: number[] = [];
    const start = stage.clock.now();
    scene.define({
      Timed: { handle: () => startedAt.push(stage.clock.now() - start) },
      Slow: { handle: () => new Promise<void>((resolve) => void stage.clock.after(20_000, resolve)) },
    });
    (await scene.worker({ worker: { concurrency: 1 } })).start();
    await scene.push('Slow');
    await scene.push('Timed', undefined, { delay: 5 });
    await stage.clock.advance(60);
    expect(startedAt).toEqual([20_000]);
  });
});

describe('a delayed job on redis', () => {
  const redis = useRedis();
  const scene = new WorkerScene(new RedisStage(redis));
  const DELAY = 0.4;
  /** A job starts within 50 ms on a quiet machine. On a busy one, a process may wait longer for its turn. */
  const LATE_MS = 250;

  /** Records how late each job starts, in milliseconds, by the clock that the server and this process share. */
  const defineTimed = (): Recorder<number> => {
    const lateness = new Recorder<number>();
    scene.define({
      Timed: { handle: (_data, { pushedAt }) => lateness.add(Date.now() - pushedAt.getTime() - DELAY * 1000) },
    });
    return lateness;
  };

  it('starts soon after it is due on a quiet queue', async () => {
    const lateness = defineTimed();
    const worker = await scene.worker();
    worker.start();
    for (let count = 1; count <= 5; count++) {
      await scene.push('Timed', undefined, { delay: DELAY });
      await lateness.has(count);
    }
    expect(Math.min(...lateness.items)).toBeGreaterThanOrEqual(-1);
    expect(lateness.items.toSorted((a, b) => a - b)[2]).toBeLessThan(LATE_MS);
  });

  it('starts in time if the only worker that knew its due time has stopped', async () => {
    const lateness = defineTimed();
    const polled: Worker[] = [];
    const workers: Worker[] = [];
    for (let index = 0; index < 2; index++) {
      const worker: Worker = await scene.worker({
        wrap: (driver) => tapped(driver, ({ send }) => send().finally(() => polled.push(worker))),
      });
      worker.start();
      workers.push(worker);
    }
    // Both workers are idle: they have polled once, and wait.
    await eventually(async () => expect(await blockedClients()).toBe(2));
    polled.length = 0;
    await scene.push('Timed', undefined, { delay: DELAY });
    await eventually(() => expect(polled).toHaveLength(1));
    await quiet();
    await polled[0]!.stop();
    await lateness.has(1);
    expect(lateness.items[0]).toBeLessThan(LATE_MS);
  });

  async function blockedClients(): Promise<number> {
    return Number(/^blocked_clients:(\d+)/m.exec(await redis.client.info('clients'))?.[1]);
  }
});
