import { afterEach, describe, expect, it } from '@jest/globals';
import type { QueueAdmin } from '../../../lib/admin/queue-admin.js';
import type { PollResult, QueueDriver, QueueListener } from '../../../lib/drivers/queue-driver.interface.js';
import { QueueHealth } from '../../../lib/health/queue-health.js';
import { Worker } from '../../../lib/worker/worker.js';
import { JobRegistry } from '../../../lib/discovery/job.registry.js';
import { resolveOptions } from '../../../lib/options/options.resolver.js';
import { deferred } from '../../support/deferred.js';
import { eventually } from '../../support/eventually.js';
import { FakeClock } from '../../support/fake-clock.js';
import { Gauge } from '../../support/gauge.js';
import { newJob, testJob } from '../../support/jobs.js';
import { Recorder } from '../../support/recorder.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { startRedis } from '../../support/redis-server.js';
import { tapped } from '../../support/tapped-driver.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { useRedis } from '../../support/use-redis.js';
import { QUEUE, WorkerScene } from './scene.js';
import { ArrayStage } from './stage.js';

/** Liveness never asks the administration. */
const NO_ADMIN = {} as QueueAdmin;

describe('the liveness of a worker', () => {
  const scene = new WorkerScene(new ArrayStage());
  const gauge = new Gauge();
  afterEach(() => gauge.endAll());

  const start = async (wrap: (driver: QueueDriver) => QueueDriver = (driver) => driver) => {
    const worker = await scene.worker({ wrap });
    const health = new QueueHealth(wrap(scene.driver), NO_ADMIN, worker, scene.stage.clock);
    worker.start();
    return { worker, health };
  };

  it('ends half a minute after the loop got stuck in a poll, and comes back with the answer', async () => {
    const held = deferred();
    const { health } = await start((driver) =>
      tapped(driver, async ({ send }): Promise<PollResult> => {
        await held.promise;
        return send();
      }),
    );
    await scene.stage.pass(30);
    expect(health.isAlive()).toBe(true);
    await scene.stage.pass(0.001);
    expect(health.isAlive()).toBe(false);
    held.resolve();
    await eventually(() => health.isAlive());
  });

  it('ends if the loop is stuck in a wait for jobs that should have ended', async () => {
    const { health } = await start((driver) => withListener(driver, { wait: () => new Promise(() => undefined) }));
    await scene.stage.pass(31);
    expect(health.isAlive()).toBe(false);
  });

  it('is not lost while the storage says that it is away', async () => {
    let isAway = true;
    const held = deferred();
    const { health } = await start((driver) => {
      const hung = tapped(driver, ({ send }) => held.promise.then(send));
      return Object.defineProperty(Object.create(hung) as QueueDriver, 'isAway', { get: () => isAway });
    });
    await scene.stage.pass(3600);
    expect(health.isAlive()).toBe(true);
    isAway = false;
    expect(health.isAlive()).toBe(false);
    held.resolve();
  });

  it('does not end with a pause, with a job that takes long, or with a stop', async () => {
    scene.define({ Gauged: { handle: () => gauge.run() } });
    const { worker, health } = await start();
    await scene.push('Gauged');
    await gauge.runs(1);
    await scene.driver.pauses.pause(QUEUE, null);
    await scene.stage.pass(3600);
    expect(health.isAlive()).toBe(true);
    worker.pause();
    await scene.stage.pass(3600);
    expect(health.isAlive()).toBe(true);
    const stopping = worker.stop({ timeout: '1h' });
    await scene.stage.pass(1800);
    expect(health.isAlive()).toBe(true);
    gauge.endAll();
    await stopping;
    await scene.stage.pass(3600);
    expect(health.isAlive()).toBe(true);
  });
});

describe('the liveness of a worker on Redis', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  const workers: Worker[] = [];
  const done = new Recorder<unknown>();
  afterEach(async () => {
    const stopping = workers.splice(0).map((worker) => worker.stop({ timeout: 0 }));
    await Promise.all(stopping);
  });

  /** The worker and its driver share a clock that stands still. */
  const start = async (address: { host: string; port: number; database?: number }) => {
    const clock = new FakeClock();
    const driver = await drivers.connect({ redis: address, clock });
    const registry = new JobRegistry();
    registry.register(testJob('Mark', { handle: (data) => done.add(data) }), 'Mark');
    const options = resolveOptions({ driver: 'array' }, {});
    const worker = new Worker(driver, options, registry, clock, new RecordingLogger());
    workers.push(worker);
    worker.start();
    await driver.push(QUEUE, [newJob('Mark', 'first')], false);
    await done.has(1);
    return { clock, worker, health: new QueueHealth(driver, NO_ADMIN, worker, clock) };
  };

  it('outlasts a half-open connection, because the worker leaves it and works on', async () => {
    done.items.length = 0;
    const proxy = drivers.keep(await TcpProxy.start(redis));
    const { clock, worker, health } = await start({
      host: proxy.host,
      port: proxy.port,
      database: redis.database,
    });
    proxy.blackHole();
    await eventually(async () => {
      await clock.advance(1);
      expect(health.isAlive()).toBe(true);
      expect(worker.silence).toBeGreaterThan(40_000);
    });
    await proxy.pass();
    const other = await drivers.connect({ redis: { host: redis.host, port: redis.port, database: redis.database } });
    await other.push(QUEUE, [newJob('Mark', 'second')], false);
    await eventually(
      async () => {
        await clock.advance(0.1);
        expect(health.isAlive()).toBe(true);
        expect(done.items).toEqual(['first', 'second']);
      },
      { timeout: 15_000 },
    );
    expect(worker.silence).toBeLessThan(30_000);
  });

  it('outlasts a Redis that is gone, and one that hangs', async () => {
    done.items.length = 0;
    const server = drivers.keep(await startRedis());
    const { clock, worker, health } = await start(server);
    server.kill('SIGSTOP');
    await eventually(async () => {
      await clock.advance(1);
      expect(health.isAlive()).toBe(true);
      expect(worker.silence).toBeGreaterThan(40_000);
    });
    server.kill('SIGCONT');
    server.kill('SIGKILL');
    await eventually(async () => {
      await clock.advance(10);
      expect(health.isAlive()).toBe(true);
      expect(worker.silence).toBeGreaterThan(90_000);
    });
  });
});

/** Wraps a driver so that its listeners are others, which may lose wake-ups. */
function withListener(driver: QueueDriver, listener: Pick<QueueListener, 'wait'>): QueueDriver {
  const listen = (): QueueListener => ({ ...listener, pass: () => undefined, close: () => Promise.resolve() });
  return new Proxy(driver, {
    get(target, key): unknown {
      if (key === 'listen') return listen;
      const value: unknown = Reflect.get(target, key);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
