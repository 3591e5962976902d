import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../../lib/support/clock.js';
import { JobRegistry } from '../../../../lib/discovery/job.registry.js';
import { resolveOptions } from '../../../../lib/options/options.resolver.js';
import { PartitionedDriver } from '../../../../lib/partitions/partitioned.driver.js';
import { slotOf } from '../../../../lib/partitions/stored-names.js';
import { QueueFactory } from '../../../../lib/queue.factory.js';
import { Worker } from '../../../../lib/worker/worker.js';
import { numbered } from '../../../contract/scene.js';
import { eventually } from '../../../support/eventually.js';
import { newJob, testJob } from '../../../support/jobs.js';
import { rawCommand, rawStrings } from '../../../support/raw-redis.js';
import { RecordingLogger } from '../../../support/recording-logger.js';
import { startRedisCluster, type TestRedisCluster } from '../../../support/redis-cluster.js';

const QUEUE = 'events';
const PARTITIONS = 8;
const SLOTS = 16_384;

describe('a queue of eight partitions in a cluster of three masters', () => {
  let cluster: TestRedisCluster;
  const drivers: PartitionedDriver[] = [];

  beforeAll(async () => {
    // A master that is away keeps only its own slots from working.
    cluster = await startRedisCluster({
      config: ['--cluster-require-full-coverage', 'no', '--appendonly', 'yes', '--appendfsync', 'always'],
    });
  }, 120_000);
  afterAll(async () => {
    await Promise.all(drivers.map((driver) => driver.close()));
    await cluster.stop();
  });

  const options = (requestDeadline = 10) =>
    resolveOptions(
      {
        driver: 'redis',
        redis: { cluster: [...cluster.startupNodes], requestDeadline },
        queues: { [QUEUE]: { partitions: PARTITIONS } },
        worker: { queues: [QUEUE] },
        logger: false,
      },
      {},
    );
  const connect = async (requestDeadline?: number): Promise<PartitionedDriver> => {
    const driver = new QueueFactory(systemClock).createDriver(options(requestDeadline)) as PartitionedDriver;
    await driver.connect();
    drivers.push(driver);
    return driver;
  };
  /** Starts a worker of its own process, and returns the data of the jobs that it has run. */
  const work = async (done: unknown[]): Promise<Worker> => {
    const registry = new JobRegistry();
    registry.register(testJob('Event', { handle: (data) => done.push(data), options: { queue: QUEUE } }), 'Event');
    const worker = new Worker(await connect(), options(), registry, systemClock, new RecordingLogger());
    worker.start();
    return worker;
  };

  it('has partitions on every master, and is one queue', async () => {
    const driver = await connect();
    const ids = numbered(200);
    await driver.push(
      QUEUE,
      ids.map((id) => ({ id, body: 'hEvent\n1', delay: 0, name: 'Event' })),
      true,
    );
    for (const { port } of cluster.nodes) {
      const keys = await rawStrings(port, 'KEYS', `queue:{${QUEUE}*}`);
      expect(keys.length).toBeGreaterThanOrEqual(2);
    }
    expect(await driver.counts(QUEUE)).toMatchObject({ ready: 200 });
    expect(await driver.queues()).toEqual([QUEUE]);
    expect(await driver.getStatus(ids[9]!)).toMatchObject({ state: 'queued', queue: QUEUE });
    const page = { place: 'ready', states: ['queued'], order: 'oldest', limit: 40, skip: 10, filter: {} } as const;
    expect((await driver.lists.page(QUEUE, page)).jobs).toHaveLength(40);
    expect(await driver.cancellations.cancel(ids[9]!)).toBe('cancelled');
    const chain = numbered(6, 'node').map((id) => ({ id, queue: QUEUE, body: 'hEvent\n2', delay: 0 }));
    await driver.flows.create({ ref: 'cx', createdAt: 1, retention: 60, nodes: chain });
    const done: unknown[] = [];
    const worker = await work(done);
    await eventually(() => expect(done).toHaveLength(205), { timeout: 20_000 });
    await eventually(async () => expect(await driver.flows.read('cx')).toMatchObject({ completed: 6 }));
    await worker.stop();
    expect(await driver.clear(QUEUE)).toBe(0);
    await eventually(async () => expect(await driver.mending.obliterate(QUEUE)).toBe(0));
    expect(await driver.queues()).toEqual([]);
  }, 60_000);

  it('loses nothing while a master is away, and its other partitions go on', async () => {
    const driver = await connect(1);
    const done: number[] = [];
    const worker = await work(done);
    const pushed = new Set<number>();
    const refused = new Set<number>();
    const push = async (number: number): Promise<void> => {
      try {
        await driver.push(QUEUE, [newJob('Event', number)], false);
        pushed.add(number);
      } catch {
        refused.add(number);
      }
    };
    for (let number = 0; number < 50; number++) await push(number);
    // Not the master of the list of queues, which a new process asks first.
    const nodeOf = (slot: number): number => Math.floor((slot * 3) / SLOTS);
    const away = [0, 1, 2].find((node) => node !== nodeOf(slotOf('queues')))!;
    const stored = driver.partitions.of(QUEUE);
    const lost = stored.filter((name) => nodeOf(slotOf(name)) === away);
    expect(lost.length).toBeGreaterThanOrEqual(2);
    const node = cluster.nodes[away]!;
    node.kill('SIGKILL');
    await Promise.all(Array.from({ length: 40 }, (_, index) => push(50 + index)));
    expect(refused.size).toBeGreaterThan(0);
    expect(pushed.size).toBeGreaterThan(60);
    const reachable = (): number[] => [...pushed].filter((number) => number >= 50);
    await eventually(() => expect(done).toEqual(expect.arrayContaining(reachable())), { timeout: 20_000 });
    await node.restart();
    await eventually(
      async () =>
        expect(await rawCommand(cluster.nodes[(away + 1) % 3]!.port, 'CLUSTER', 'INFO')).toContain('cluster_state:ok'),
      { timeout: 20_000 },
    );
    await eventually(
      async () => {
        await push(1000);
        expect(pushed.has(1000)).toBe(true);
      },
      { timeout: 20_000 },
    );
    await eventually(() => expect([...pushed].filter((number) => !done.includes(number))).toEqual([]), {
      timeout: 20_000,
    });
    await worker.stop();
  }, 120_000);
});
