import { describe, expect, it } from '@jest/globals';
import type { QueueDriver, QueueListener } from '../../../lib/drivers/queue-driver.interface.js';
import type { Worker } from '../../../lib/worker/worker.js';
import { deferred, type Deferred } from '../../support/deferred.js';
import { eventually } from '../../support/eventually.js';
import { Gauge } from '../../support/gauge.js';
import { forgetful } from '../../support/forgetful-driver.js';
import { quiet } from '../../support/quiet.js';
import { Recorder } from '../../support/recorder.js';
import { tapped } from '../../support/tapped-driver.js';
import { useRedis } from '../../support/use-redis.js';
import { WorkerScene } from './scene.js';
import { ArrayStage, bothStages, RedisStage } from './stage.js';

/** Counts the polls of each worker. */
class PollCounter {
  private readonly counts: number[] = [];

  wrap =
    (index: number) =>
    (driver: QueueDriver): QueueDriver =>
      tapped(driver, ({ send }) => {
        this.counts[index] = (this.counts[index] ?? 0) + 1;
        return send();
      });

  reset(): void {
    this.counts.length = 0;
  }

  /** The number of workers that have sent a poll. */
  get awake(): number {
    return this.counts.filter((count) => count > 0).length;
  }
}

describe.each(bothStages())('idle workers on %s', (name, stage) => {
  const scene = new WorkerScene(stage);

  /** Waits until no worker polls any more after a push. */
  const settle = async (look: () => number): Promise<void> => {
    if (name === 'array') return quiet();
    let last = -1;
    await eventually(() => last === (last = look()), { interval: 150 });
  };

  it('wake one at a time when a job is pushed', async () => {
    const done = new Recorder<number>();
    const polls = new PollCounter();
    scene.define({ Count: { handle: (data: number) => done.add(data) } });
    const workers: Worker[] = [];
    for (let index = 0; index < 5; index++) workers.push(await scene.worker({ wrap: polls.wrap(index) }));
    for (const worker of workers) worker.start();
    await settle(() => polls.awake);
    for (let push = 1; push <= 5; push++) {
      polls.reset();
      await scene.pushMany(1, 'Count');
      await done.has(push);
      await settle(() => polls.awake);
      expect(polls.awake).toBeLessThanOrEqual(2);
    }
  });

  it('get a job if its push woke a worker without a free slot', async () => {
    const gauge = new Gauge();
    scene.define({ Gauged: { handle: () => gauge.run() } });
    const workers = [
      await scene.worker({ worker: { concurrency: 2 } }),
      await scene.worker({ worker: { concurrency: 2 } }),
    ];
    for (const worker of workers) worker.start();
    for (let count = 1; count <= 4; count++) {
      await scene.pushMany(1, 'Gauged');
      await gauge.runs(count);
    }
    gauge.endAll();
    await Promise.all(workers.map((worker) => worker.stop()));
    expect(gauge.peak).toBe(4);
  });

  it('wake when a job is pushed to any of their queues', async () => {
    const done = new Recorder<string>();
    scene.define({ Mark: { handle: (_data, { queue }) => done.add(queue) }, InB: { options: { queue: 'b' } } });
    const worker = await scene.worker();
    worker.start();
    const queues = ['b', 'default', 'b', 'default'];
    for (const [index, queue] of queues.entries()) {
      await scene.push('Mark', undefined, { queue });
      await done.has(index + 1);
    }
    expect(done.items).toEqual(queues);
  });
});

describe('an idle worker', () => {
  const stage = new ArrayStage();
  const scene = new WorkerScene(stage);

  it('polls every five seconds, in case a wake-up was lost', async () => {
    let polls = 0;
    const wrap = (driver: QueueDriver): QueueDriver => forgetful(tapped(driver, ({ send }) => (polls++, send())));
    (await scene.worker({ wrap })).start();
    await quiet();
    expect(polls).toBe(1);
    await stage.clock.advance(60);
    expect(polls).toBe(13);
  });
});

describe('a worker that is woken by a push', () => {
  const stage = new ArrayStage();
  const scene = new WorkerScene(stage);

  it.each([
    ['wakes another worker in its place if it has no free slot', 1, ['default']],
    ['keeps the wake-up if it has a free slot', 2, []],
  ])('%s', async (_name, concurrency, passed) => {
    const gauge = new Gauge();
    const wakes: Deferred<string | null>[] = [];
    const handedOn: string[] = [];
    const listener: QueueListener = {
      wait: () => (wakes.push(deferred()), wakes.at(-1)!.promise),
      pass: (queue) => void handedOn.push(queue),
      close: async () => wakes.at(-1)?.resolve(null),
    };
    const wrap = (driver: QueueDriver): QueueDriver =>
      new Proxy(driver, {
        get: (target, key): unknown => (key === 'listen' ? () => listener : bound(Reflect.get(target, key), target)),
      });
    scene.define({ Gauged: { handle: () => gauge.run() } });
    await scene.push('Gauged', undefined, { delay: 10 });
    const worker = await scene.worker({ wrap, worker: { concurrency } });
    worker.start();
    // The worker waits on its listener when the job becomes due: so it runs the job, and still waits.
    await stage.clock.advance(10);
    await gauge.runs(1);
    wakes[0]!.resolve('default');
    await quiet();
    expect(handedOn).toEqual(passed);
    gauge.endAll();
  });
});

describe('an idle worker on redis', () => {
  const redis = useRedis();
  const scene = new WorkerScene(new RedisStage(redis));
  /** For how long the commands are counted, in milliseconds. */
  const WINDOW = 6_000;

  it('sends about one command in a second', async () => {
    const worker = await scene.worker();
    const commands = await listen();
    worker.start();
    await eventually(async () => expect(await redis.client.client('LIST')).toContain('cmd=bzpopmin'));
    const sent = await commands.within(WINDOW);
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.length / (WINDOW / 1000)).toBeLessThan(1.5);
    await worker.stop();
  });

  /** Listens to the commands that clients send, without those of scripts. It begins while nobody sends any: the client cannot tell the first ones from the reply. */
  async function listen(): Promise<{ within(milliseconds: number): Promise<string[]> }> {
    const sent: string[] = [];
    const monitor = await redis.connect().monitor();
    monitor.on('monitor', (_time: string, [name]: string[], source: string) => {
      if (source !== 'lua') sent.push(name!);
    });
    return {
      within: async (milliseconds) => {
        const from = sent.length;
        const end = Date.now() + milliseconds;
        await eventually(() => Date.now() >= end, { timeout: 2 * milliseconds, interval: 100 });
        monitor.disconnect();
        return sent.slice(from);
      },
    };
  }
});

/** Binds a method to its driver, and returns other members unchanged. */
function bound(member: unknown, target: object): unknown {
  return typeof member === 'function' ? (member.bind(target) as unknown) : member;
}
