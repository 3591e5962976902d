import { beforeEach, describe, expect, it } from '@jest/globals';
import type { QueueConsumer, QueueDriver } from '../../../lib/drivers/queue-driver.interface.js';
import { QueueEvents } from '../../../lib/events/queue-events.js';
import { PartitionedDriver } from '../../../lib/partitions/partitioned.driver.js';
import { newJob } from '../../support/jobs.js';
import { eventually } from '../../support/eventually.js';
import { WorkerScene } from './scene.js';
import { ArrayStage, bothStages } from './stage.js';

const QUEUE = 'events';
const PARTITIONS = 4;

const around = (count: number) => (driver: QueueDriver) =>
  new PartitionedDriver(driver, (queue) => (queue === QUEUE ? count : undefined));

describe.each(bothStages())('a worker of a queue with partitions on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);
  let done: string[];

  beforeEach(() => {
    done = [];
    scene.define({
      Event: { handle: (data, job) => done.push(`${job.queue} ${String(data)}`), options: { queue: QUEUE } },
    });
  });

  const push = async (count: number, partitions = PARTITIONS): Promise<void> => {
    const jobs = Array.from({ length: count }, (_, number) => newJob('Event', number));
    await around(partitions)(scene.driver).push(QUEUE, jobs, false);
  };

  it.each([1, 3, 100])('serves all of them at concurrency %d, none before all others', async (concurrency) => {
    await push(80);
    const first: string[] = [];
    const wrap = (driver: QueueDriver): QueueDriver => {
      const partitioned = around(PARTITIONS)(driver);
      const consume = partitioned.consume.bind(partitioned);
      partitioned.consume = (stored, options) => {
        const consumer = consume(stored, options);
        return watched(consumer, (claimed) => first.push(...Array.from({ length: claimed }, () => stored)));
      };
      return partitioned;
    };
    const worker = await scene.worker({ wrap, worker: { concurrency, queues: [QUEUE] } });
    await worker.run({ stopWhenEmpty: true });
    expect(done.toSorted()).toEqual(Array.from({ length: 80 }, (_, number) => `${QUEUE} ${number}`).toSorted());
    // Until one of them is empty, none is left out.
    const counts = new Map(served(first).map((stored) => [stored, first.filter((each) => each === stored).length]));
    const left = new Map(counts);
    const end = first.findIndex((stored) => left.set(stored, left.get(stored)! - 1).get(stored) === 0);
    expect(served(first.slice(0, Math.max(end + 1, concurrency * 2)))).toHaveLength(PARTITIONS);
  });

  it('keeps the strict order of queues, and the slots of a pool', async () => {
    scene.define({ Mail: { handle: () => done.push('mail'), options: { queue: 'mail' } } });
    await push(20);
    await scene.pushMany(5, 'Mail', 'mail');
    const strict = await scene.worker({
      wrap: around(PARTITIONS),
      worker: { concurrency: 2, queues: ['mail', QUEUE] },
    });
    await strict.run({ stopWhenEmpty: true });
    expect(done.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => 'mail'));
    expect(done).toHaveLength(25);
    await push(20);
    const pools = await scene.worker({ wrap: around(PARTITIONS), worker: { queues: { [QUEUE]: 2, mail: 1 } } });
    await pools.run({ stopWhenEmpty: true });
    pools.setConcurrency(QUEUE, 3);
    expect(done).toHaveLength(45);
  });

  it('serves the partitions that it finds beyond its number when it starts, also as a worker of every queue', async () => {
    await push(40, 8);
    const worker = await scene.worker({ wrap: around(2), worker: { queues: [QUEUE] } });
    expect(await worker.runOnce()).toBeGreaterThan(0);
    await worker.run({ stopWhenEmpty: true });
    expect(done).toHaveLength(40);
    await push(40, 8);
    const ofEvery = await scene.worker({ worker: { queues: '*' } });
    await ofEvery.run({ stopWhenEmpty: true });
    expect(done.filter((each) => each.startsWith(`${QUEUE} `))).toHaveLength(80);
  });

  it('tells once that the queue was paused, resumed, and has run dry', async () => {
    const events = new QueueEvents(scene.logger);
    const told: string[] = [];
    for (const type of ['queue-paused', 'queue-resumed', 'queue-drained', 'worker-started'] as const) {
      events.on(type).subscribe((event) => {
        told.push('queues' in event ? `${type} ${event.queues.join()}` : `${type} ${event.queue}`);
      });
    }
    const driver = around(PARTITIONS)(scene.driver);
    const worker = await scene.worker({ wrap: around(PARTITIONS), events, worker: { queues: [QUEUE] } });
    await driver.pauses.pause(QUEUE, null);
    await push(20);
    worker.start();
    await eventually(() => expect(told).toEqual([`worker-started ${QUEUE}`, `queue-paused ${QUEUE}`]));
    expect(done).toEqual([]);
    await driver.pauses.resume(QUEUE);
    await eventually(() => expect(told.slice(2)).toEqual([`queue-resumed ${QUEUE}`, `queue-drained ${QUEUE}`]));
    expect(done).toHaveLength(20);
    await worker.stop();
    expect(scene.logger.of('log').filter((message) => message.includes('paused'))).toHaveLength(2);
  });

  it('is paused in its process as a whole', async () => {
    await push(10);
    const worker = await scene.worker({ wrap: around(PARTITIONS), worker: { queues: [QUEUE] } });
    worker.pause(QUEUE);
    expect(await worker.runOnce()).toBe(0);
    worker.resume(QUEUE);
    expect(await worker.runOnce()).toBe(10);
  });
});

describe('a worker of a queue with partitions', () => {
  const scene = new WorkerScene(new ArrayStage());

  it('waits without polling while the queue is empty, and finds partitions that appear later', async () => {
    const done: unknown[] = [];
    scene.define({ Event: { handle: (data) => done.push(data), options: { queue: QUEUE } } });
    let polls = 0;
    const wrap = (driver: QueueDriver): QueueDriver => {
      const partitioned = around(2)(driver);
      const consume = partitioned.consume.bind(partitioned);
      partitioned.consume = (stored, options) => watched(consume(stored, options), () => polls++);
      return partitioned;
    };
    const worker = await scene.worker({ wrap, worker: { queues: [QUEUE] } });
    worker.start();
    await scene.stage.pass(20);
    const before = polls;
    await scene.stage.pass(9);
    expect(polls).toBe(before);
    const jobs = Array.from({ length: 40 }, (_, number) => newJob('Event', number));
    await around(8)(scene.driver).push(QUEUE, jobs, false);
    await scene.stage.pass(0.5);
    const soon = done.length;
    expect(soon).toBeLessThan(40);
    await scene.stage.pass(31);
    await eventually(() => expect(done).toHaveLength(40));
    await worker.stop();
  });
});

/** Watches the polls of a consumer. @param onPoll called with the number of jobs that each claims */
function served(stored: readonly string[]): string[] {
  return [...new Set(stored)];
}

function watched(consumer: QueueConsumer, onPoll: (claimed: number) => void): QueueConsumer {
  const poll = consumer.poll.bind(consumer);
  consumer.poll = async (request) => {
    const result = await poll(request);
    onPoll(result.jobs.length);
    return result;
  };
  return consumer;
}
