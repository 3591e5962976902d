import { describe, expect, it } from '@jest/globals';
import type { QueueDriver } from '../../../lib/drivers/queue-driver.interface.js';
import { StorageCorruptError } from '../../../lib/queue.errors.js';
import { eventually } from '../../support/eventually.js';
import { Gauge } from '../../support/gauge.js';
import { quiet } from '../../support/quiet.js';
import { Recorder } from '../../support/recorder.js';
import { tapped } from '../../support/tapped-driver.js';
import { useRedis } from '../../support/use-redis.js';
import { WorkerScene } from './scene.js';
import { ArrayStage, RedisStage } from './stage.js';

describe('a queue whose storage answers with an error', () => {
  const stage = new ArrayStage();
  const scene = new WorkerScene(stage);

  /** Lets the polls of some queues fail. The test changes the set of these queues. */
  class Trouble {
    polls = 0;
    constructor(readonly queues: Set<string>) {}

    wrap = (driver: QueueDriver): QueueDriver =>
      tapped(driver, async ({ queue, send }) => {
        if (!this.queues.has(queue)) return send();
        this.polls++;
        throw new StorageCorruptError(queue);
      });
  }

  it.each([
    ['in strict order', { queues: ['broken', 'well'] }],
    ['in turn', undefined],
  ])('is polled about once a second while the other queue goes on %s', async (_name, worker) => {
    const done = new Recorder<string>();
    const trouble = new Trouble(new Set(['broken']));
    scene.define({
      Mark: { handle: (_data, { queue }) => done.add(queue), options: { queue: 'well' } },
      Other: { options: { queue: 'broken' } },
    });
    (await scene.worker({ worker, wrap: trouble.wrap })).start();
    for (let second = 0; second < 10; second++) {
      await stage.clock.advance(1);
      const polls = trouble.polls;
      await scene.push('Mark', undefined, { queue: 'well' });
      await quiet();
      expect(done.count).toBe(second + 1);
      expect(trouble.polls).toBe(polls);
    }
    expect(trouble.polls).toBeLessThanOrEqual(12);
  });

  it('is worked again after the error, and its ended job is settled', async () => {
    const gauge = new Gauge();
    const trouble = new Trouble(new Set());
    scene.define({ Gauged: { handle: () => gauge.run() } });
    const [first] = await scene.pushMany(2, 'Gauged');
    const worker = await scene.worker({ worker: { concurrency: 1 }, wrap: trouble.wrap });
    worker.start();
    await gauge.runs(1);
    trouble.queues.add('default');
    gauge.end();
    await stage.clock.advance(3);
    expect(gauge.started).toBe(1);
    expect(await scene.status(first!)).toMatchObject({ state: 'processing' });
    trouble.queues.clear();
    await stage.clock.advance(1);
    expect(await scene.status(first!)).toMatchObject({ state: 'completed' });
    expect(gauge.started).toBe(2);
    gauge.endAll();
  });

  it('is logged once as an error, and once when it works again', async () => {
    const trouble = new Trouble(new Set(['default']));
    const worker = await scene.worker({ wrap: trouble.wrap });
    worker.start();
    await stage.clock.advance(60);
    expect(scene.logger.of('error')).toEqual([
      'Queue default cannot be worked at the moment: A key of queue default holds a value of the wrong type',
    ]);
    trouble.queues.clear();
    await stage.clock.advance(1);
    expect(scene.logger.of('log')).toContainEqual('Queue default works again');
    trouble.queues.add('default');
    await scene.push('Mark');
    await stage.clock.advance(60);
    expect(scene.logger.of('error')).toHaveLength(2);
  });

  it('gets the settlements of a stopping worker as soon as the error is over', async () => {
    const gauge = new Gauge();
    const trouble = new Trouble(new Set());
    scene.define({ Gauged: { handle: () => gauge.run() } });
    const [id] = await scene.pushMany(1, 'Gauged');
    const worker = await scene.worker({ wrap: trouble.wrap });
    worker.start();
    await gauge.runs(1);
    const stop = worker.stop();
    trouble.queues.add('default');
    gauge.end();
    await stage.clock.advance(1.5);
    trouble.queues.clear();
    await stage.clock.advance(1);
    await stop;
    expect(await scene.status(id!)).toMatchObject({ state: 'completed' });
  });

  it('delays a stopping worker for at most five seconds', async () => {
    const gauge = new Gauge();
    const trouble = new Trouble(new Set());
    scene.define({ Gauged: { handle: () => gauge.run() } });
    await scene.pushMany(1, 'Gauged');
    const worker = await scene.worker({ wrap: trouble.wrap });
    worker.start();
    await gauge.runs(1);
    trouble.queues.add('default');
    gauge.end();
    const stop = worker.stop();
    await stage.clock.advance(5);
    await stop;
    expect(worker.isRunning).toBe(false);
    expect(stage.clock.pending).toBe(0);
  });

  it('does not delay a stopping worker that has nothing to settle', async () => {
    const trouble = new Trouble(new Set(['default']));
    const worker = await scene.worker({ wrap: trouble.wrap });
    worker.start();
    await quiet();
    await worker.stop();
  });

  it('stops the worker if its driver is closed', async () => {
    const gauge = new Gauge();
    scene.define({ Deaf: { handle: () => gauge.run() }, InB: { options: { queue: 'b' } } });
    await scene.pushMany(1, 'Deaf');
    const worker = await scene.worker();
    const run = worker.run();
    await gauge.runs(1);
    await scene.driver.close();
    await stage.clock.advance(10);
    expect(await run).toBe('stopped');
    expect(worker.isRunning).toBe(false);
  });
});

describe('a queue with a key of the wrong type in redis', () => {
  const redis = useRedis();
  const scene = new WorkerScene(new RedisStage(redis));

  it.each(['queue:broken', 'queue:broken:delayed', 'queue:broken:jobs'])(
    'does not stop the other queues, and works again without the key (%s)',
    async (key) => {
      const done = new Recorder<string>();
      scene.define({ Mark: { handle: (_data, { queue }) => done.add(queue) } });
      await redis.client.set(key, 'foreign');
      const worker = await scene.worker({ worker: { queues: ['broken', 'well'] } });
      worker.start();
      await eventually(() => expect(scene.logger.of('error')).toEqual([expect.stringContaining('Queue broken')]));
      for (let count = 1; count <= 3; count++) {
        await scene.push('Mark', undefined, { queue: 'well' });
        await done.has(count);
      }
      await redis.client.del(key);
      await scene.push('Mark', undefined, { queue: 'broken' });
      await done.has(4);
      expect(done.items).toEqual(['well', 'well', 'well', 'broken']);
    },
  );
});
