import { describe, expect, it } from '@jest/globals';
import type { QueueDriver, QueueListener } from '../../../lib/drivers/queue-driver.interface.js';
import type { Worker } from '../../../lib/worker/worker.js';
import { deferred, type Deferred } from '../../support/deferred.js';
import { eventually } from '../../support/eventually.js';
import { Gauge } from '../../support/gauge.js';
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

  /** How many workers have made a poll. */
  get awake(): number {
    return this.counts.filter((count) => count > 0).length;
  }
}

describe.each(bothStages())('idle workers on %s', (name, stage) => {
  const scene = new WorkerScene(stage);

  /** Lets everything come to rest that a push has set off. */
  const settle = async (look: () => number): Promise<void> => {
    if (name === 'array') return quiet();
    let last = -1;
    await eventually(() => last === (last = look()), { interval: 150 });
  };

  it('are woken one at a time: a push is no stampede', async () => {
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

  it('get the job that woke one which has no slot free', async () => {
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

  it('hear of jobs of all their queues', async () => {
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

  it('looks by itself every five seconds: a wake-up may have got lost', async () => {
    let polls = 0;
    const wrap = (driver: QueueDriver): QueueDriver => tapped(driver, ({ send }) => (polls++, send()));
    (await scene.worker({ wrap })).start();
    await quiet();
    expect(polls).toBe(1);
    await stage.clock.advance(60);
    expect(polls).toBe(13);
  });
});

describe('a worker that is woken', () => {
  const stage = new ArrayStage();
  const scene = new WorkerScene(stage);

  it.each([
    ['hands the wake-up on when it has no slot free', 1, ['default']],
    ['keeps it when it has one', 2, []],
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
    // It waits when its job falls due: so it works, and still waits.
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
  /** How long it is watched, in milliseconds. */
  const WINDOW = 6_000;

  it('sends about one command a second', async () => {
    const worker = await scene.worker();
    worker.start();
    await eventually(async () => expect(await redis.client.client('LIST')).toContain('cmd=bzpopmin'));
    const sent = await commandsWithin(WINDOW);
    expect(sent.length).toBeGreaterThan(0);
    expect(sent.length / (WINDOW / 1000)).toBeLessThan(1.5);
    await worker.stop();
  });

  /** The commands that clients send meanwhile, those that scripts run not counted. */
  async function commandsWithin(milliseconds: number): Promise<string[]> {
    const sent: string[] = [];
    const monitor = await redis.connect().monitor();
    monitor.on('monitor', (_time: string, [name]: string[], source: string) => {
      if (source !== 'lua') sent.push(name!);
    });
    const end = Date.now() + milliseconds;
    await eventually(() => Date.now() >= end, { timeout: 2 * milliseconds, interval: 100 });
    monitor.disconnect();
    return sent;
  }
});

/** A method of a driver, bound to it; other members as they are. */
function bound(member: unknown, target: object): unknown {
  return typeof member === 'function' ? (member.bind(target) as unknown) : member;
}
