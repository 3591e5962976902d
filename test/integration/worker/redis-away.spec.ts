import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { FakeClock } from '../../support/fake-clock.js';
import { Gauge } from '../../support/gauge.js';
import { Recorder } from '../../support/recorder.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { QUEUE, WorkerScene } from './scene.js';
import { RedisStage } from './stage.js';

describe('a worker that loses its Redis', () => {
  let server: TestRedis;
  beforeAll(async () => {
    server = await startRedis({ config: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  }, 120_000);
  afterAll(() => server.stop());

  const scene = new WorkerScene(
    new RedisStage({
      get url() {
        return server.url;
      },
    }),
  );
  const gauge = new Gauge();
  afterEach(() => gauge.endAll());

  it('goes on when Redis is back, and runs each job once', async () => {
    const done = new Recorder<number>();
    scene.define({ Count: { handle: (data: number) => done.add(data) } });
    const worker = await scene.worker({ worker: { concurrency: 5 } });
    worker.start();
    await scene.pushMany(200, 'Count');
    await done.has(20);
    await server.restart();
    await done.has(200);
    await eventually(async () => expect(await scene.driver.counts(QUEUE)).toMatchObject({ ready: 0, reserved: 0 }));
    await scene.pushMany(1, 'Count');
    await done.has(201);
    expect(done.items.slice(0, 200).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  });

  it('settles a job that ended during the outage, when Redis is back', async () => {
    scene.define({ Gauged: { handle: () => gauge.run() } });
    const [id] = await scene.pushMany(1, 'Gauged');
    const worker = await scene.worker();
    worker.start();
    await gauge.runs(1);
    server.kill('SIGKILL');
    gauge.end();
    await server.restart();
    await eventually(async () => expect(await scene.status(id!)).toMatchObject({ state: 'completed', attempt: 1 }));
    await worker.stop();
    expect(gauge.started).toBe(1);
  });

  it('stops within six seconds while Redis does not answer', async () => {
    const clock = new FakeClock();
    const worker = await scene.worker({ clock });
    server.kill('SIGSTOP');
    try {
      worker.start();
      const stop = worker.stop({ timeout: 3600 });
      // The worker waits five seconds for its poll, and one second to give up the lease.
      await clock.advance(6);
      await stop;
      expect(worker.isRunning).toBe(false);
      expect(clock.pending).toBe(0);
    } finally {
      server.kill('SIGCONT');
    }
  });
});
