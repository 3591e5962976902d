import { describe, expect, it } from '@jest/globals';
import type { QueueDriver } from '../../../lib/drivers/queue-driver.interface.js';
import { systemClock } from '../../../lib/support/clock.js';
import { deferred } from '../../support/deferred.js';
import { eventually } from '../../support/eventually.js';
import { Gauge } from '../../support/gauge.js';
import { quiet } from '../../support/quiet.js';
import { rawCommand } from '../../support/raw-redis.js';
import { Recorder } from '../../support/recorder.js';
import { startRedisCluster, type TestRedisCluster } from '../../support/redis-cluster.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import type { TestRedis } from '../../support/redis-server.js';
import { tapped } from '../../support/tapped-driver.js';
import { WorkerScene } from './scene.js';
import { ArrayStage } from './stage.js';

/** The storage of the queue is one node of a cluster that does not answer. */
describe('a queue whose storage does not answer', () => {
  const stage = new ArrayStage();
  const scene = new WorkerScene(stage);
  const gone = 'gone';

  /** Holds the polls of that queue until the test releases them. */
  function holdUp(): { wrap: (driver: QueueDriver) => QueueDriver; release: () => void } {
    const back = deferred();
    return {
      release: () => back.resolve(),
      wrap: (driver) =>
        tapped(driver, async ({ queue, send }) => {
          if (queue === gone) await back.promise;
          return send();
        }),
    };
  }

  const defineFor = (handle: (queue: string) => unknown): void => {
    for (const queue of ['default', gone]) {
      scene.define({ [`For-${queue}`]: { handle: (_data, job) => handle(job.queue), options: { queue } } });
    }
  };

  it.each([
    ['in turn', undefined],
    ['in strict order', [gone, 'default']],
  ])('reserves its slots for one second, then leaves them to the other queues (%s)', async (_, queues) => {
    const done = new Recorder<string>();
    defineFor((queue) => done.add(queue));
    const { wrap, release } = holdUp();
    const worker = await scene.worker({ wrap, worker: { concurrency: 1, queues } });
    await scene.pushMany(3, 'For-gone', gone);
    worker.start();
    await quiet();
    await stage.clock.advance(1);
    await scene.pushMany(20, 'For-default');
    await done.has(20);
    // The worker still wakes for new jobs, also after it has polled by itself.
    for (const seconds of [0, 20]) {
      await stage.clock.advance(seconds);
      await quiet();
      const { length } = done.items;
      await scene.push('For-default');
      await done.has(length + 1);
    }
    release();
    await eventually(() => expect(done.items.filter((queue) => queue === gone)).toHaveLength(3));
    await worker.stop();
  });

  it('has jobs of a late answer requeued if no slot is free', async () => {
    const gauge = new Gauge();
    defineFor((queue) => gauge.run(queue));
    const { wrap, release } = holdUp();
    const worker = await scene.worker({ wrap, worker: { concurrency: 2 } });
    await scene.pushMany(2, 'For-gone', gone);
    worker.start();
    await quiet();
    await stage.clock.advance(1);
    await scene.pushMany(2, 'For-default');
    await gauge.runs(2);
    release();
    await quiet();
    expect(gauge.running).toEqual(['default', 'default']);
    await stage.clock.advance(0.05);
    await quiet();
    expect(await scene.driver.counts(gone)).toMatchObject({ ready: 2, reserved: 0 });
    gauge.end();
    await gauge.hasStarted(3);
    expect(gauge.running).toContain(gone);
    gauge.endAll();
    await worker.stop({ timeout: 0 });
  });
});

describe('a worker of a cluster that loses a node', () => {
  const drivers = new RedisDrivers();
  let cluster: TestRedisCluster;
  const scene = new WorkerScene({
    name: 'cluster',
    clock: systemClock,
    prepare: () => undefined,
    open: async () => {
      cluster ??= drivers.keep(await startRedisCluster());
      return drivers.connect({ redis: { cluster: [...cluster.startupNodes] } });
    },
    pass: async () => undefined,
    close: async () => undefined,
  });
  const nodeOf = async (queue: string): Promise<TestRedis> => {
    const slot = await rawCommand(cluster.nodes[0]!.port, 'CLUSTER', 'KEYSLOT', queue);
    return cluster.nodes[Math.floor((Number(slot.slice(1)) * 3) / 16_384)]!;
  };

  it('works the queues of the other nodes, and the queue of the lost node when it is back', async () => {
    const done = new Recorder<string>();
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const queue of names) scene.define({ [queue]: { handle: () => done.add(queue), options: { queue } } });
    const node = await nodeOf('a');
    const nodes = await Promise.all(names.map(nodeOf));
    const others = names.filter((_, i) => nodes[i] !== node);
    const worker = await scene.worker({ worker: { concurrency: 1, queues: ['a', ...others] } });
    worker.start();
    for (const queue of ['a', ...others]) await scene.push(queue, undefined, { queue });
    await done.has(1 + others.length);
    node.kill('SIGKILL');
    for (let round = 2; round <= 4; round++) {
      for (const queue of others) await scene.push(queue, undefined, { queue });
      await done.has(1 + round * others.length);
    }
    await node.restart();
    await eventually(() => scene.push('a', undefined, { queue: 'a' }).then(() => true));
    await done.has(2 + 4 * others.length);
    await worker.stop();
  });
});
