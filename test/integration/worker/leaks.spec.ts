import { describe, expect, it } from '@jest/globals';
import { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import { resolveOptions } from '../../../lib/options/options.resolver.js';
import { eventually } from '../../support/eventually.js';
import { FakeClock } from '../../support/fake-clock.js';
import { thrower } from '../../support/thrower.js';
import { useRedis } from '../../support/use-redis.js';
import { WorkerScene } from './scene.js';
import { ArrayStage, RedisStage } from './stage.js';

/** Defines a job of each kind. Some have timeouts, whose timers could be left behind. */
function defineAll(scene: WorkerScene): void {
  scene.define({
    Empty: {},
    Limited: { options: { timeout: 3600 } },
    Unlucky: { handle: thrower(new Error('no luck')), options: { timeout: 3600 } },
    Waits: { handle: (_data, job) => job.release(60) },
    InB: { options: { queue: 'b' } },
  });
}

async function pushAll(scene: WorkerScene): Promise<void> {
  for (const name of ['Empty', 'Limited', 'Unlucky', 'Waits', 'Stranger']) {
    await scene.push(name);
    await scene.push(name, undefined, { queue: 'b', delay: 30 });
  }
}

describe('a worker that has stopped', () => {
  const stage = new ArrayStage();
  const scene = new WorkerScene(stage);

  it('leaves no timer behind', async () => {
    defineAll(scene);
    const worker = await scene.worker();
    for (let round = 0; round < 3; round++) {
      await pushAll(scene);
      worker.start();
      await stage.clock.advance(7);
      await worker.stop();
      expect(stage.clock.pending).toBe(0);
    }
    await worker.run({ maxTime: 3600, maxMemory: 1e12, stopWhenEmpty: true });
    await worker.runOnce();
    expect(stage.clock.pending).toBe(0);
  });
});

describe('a worker that has stopped, on redis', () => {
  const redis = useRedis();
  const scene = new WorkerScene(new RedisStage(redis));

  async function connections(): Promise<string[]> {
    const list = String(await redis.client.client('LIST'));
    return list.split('\n').filter((line) => line.includes('name=queue:'));
  }

  it('leaves no connection of its own open', async () => {
    defineAll(scene);
    const worker = await scene.worker();
    const others = await connections();
    await pushAll(scene);
    worker.start();
    await eventually(async () => expect((await connections()).length).toBeGreaterThan(others.length));
    await eventually(async () => expect(await scene.driver.counts('default')).toMatchObject({ ready: 0, reserved: 0 }));
    await worker.stop();
    // The worker closes its connection for waiting. The connection for commands belongs to the driver.
    await eventually(async () => expect(await connections()).toHaveLength(others.length));
  });

  it('leaves no timer and no connection behind after its driver is closed', async () => {
    defineAll(scene);
    const clock = new FakeClock();
    const options = resolveOptions({ driver: 'redis', redis: { url: redis.url } }, {});
    const driver = new RedisDriver({ redis: options.redis, statusTtl: 60, clock });
    await driver.connect();
    await pushAll(scene);
    const worker = await scene.worker({ clock, wrap: () => driver });
    const { length } = await connections();
    await worker.run({ stopWhenEmpty: true });
    worker.start();
    await worker.stop();
    await driver.close();
    expect(clock.pending).toBe(0);
    await eventually(async () => expect(await connections()).toHaveLength(length - 1));
  });
});
