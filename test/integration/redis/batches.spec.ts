import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { BatchKey } from '../../../lib/drivers/queue-batches.interface.js';
import type { FlowJob } from '../../../lib/drivers/queue-flows.interface.js';
import type { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import { memberId } from '../../../lib/job/flow-ref.js';
import { complete, idsOf, TestConsumer } from '../../contract/scene.js';
import { ScriptFaults, type Fault, type ScriptChange } from '../../support/faulty-driver.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { RedisTime } from '../../support/redis-time.js';
import { useRedis } from '../../support/use-redis.js';

const QUEUE = 'mail';
const REF = 'bOne';
const CREATED = Date.UTC(2026, 0);

describe('batches in Redis', () => {
  // Before the drivers are closed.
  afterEach(() => ScriptFaults.end());

  const redis = useRedis();
  const drivers = new RedisDrivers();
  let time: RedisTime;
  let passed = 0;
  let driver: RedisDriver;
  let alive: TestConsumer;

  const connect = (): Promise<RedisDriver> =>
    drivers.connect({ redis: { url: redis.url }, scriptTime: time.script, clock: time.clock, statusTtl: 600 });
  const consume = (own: RedisDriver): TestConsumer =>
    new TestConsumer(own.consume(QUEUE, { lease: 30, onLost: () => undefined }));
  const key: BatchKey = { ref: REF, createdAt: CREATED, callbackQueue: QUEUE };
  const job = (id: string): FlowJob => ({ id, queue: QUEUE, body: 'hJob\n', delay: 0 });
  const idOf = (node: number): string => memberId(REF, CREATED, QUEUE, node);
  const members = (count: number): FlowJob[] => Array.from({ length: count }, (_, node) => job(idOf(node)));
  const open = (own = driver, retention = 1_000) =>
    own.batches.open({
      ref: REF,
      createdAt: CREATED,
      retention,
      allowFailures: false,
      callbacks: { then: job('then'), finally: job('finally') },
    });
  const dispatch = async (count: number, own = driver): Promise<void> => {
    await open(own);
    await own.batches.feed(key, 0, members(count), 0);
    await own.batches.seal(key);
    // The outbox is nobody's then.
    await own.flows.settled();
  };
  /** Makes a process that dies at a script. */
  const dieAt = async (script: string, fault: Fault = 'die before', change?: ScriptChange) => {
    const own = await connect();
    const faults = new ScriptFaults(own, (name) => (name === script ? fault : 'none'), change);
    return { own, death: faults.death, consumer: consume(own) };
  };
  const pass = async (seconds: number): Promise<void> => {
    passed += seconds;
    await time.outage(passed);
  };
  const claimAll = async (): Promise<string[]> => {
    for (let i = 0; i < 3; i++) {
      await alive.poll();
      await driver.flows.settled();
    }
    return idsOf(await alive.claim());
  };

  beforeEach(async () => {
    passed = 0;
    time = await RedisTime.start(redis.client);
    driver = await connect();
    alive = consume(driver);
  });

  it('push their callbacks also if their process died when it had sealed them', async () => {
    const { own, death } = await dieAt('seal batch', 'die after');
    await open(own);
    await own.batches.feed(key, 0, members(2), 0);
    await alive.drain();
    expect(await claimAll()).toEqual([]);
    own.batches.seal(key).catch(() => undefined);
    await death;
    expect((await claimAll()).toSorted()).toEqual(['finally', 'then']);
  });

  it('are not stopped by an entry that is handed over again after a retry', async () => {
    const { death, consumer } = await dieAt('trim-outbox');
    await dispatch(2);
    const [failing] = await consumer.claim(1);
    consumer.fail(failing!).catch(() => undefined);
    await death;
    await driver.flows.settled();
    expect(await driver.flows.read(REF)).toMatchObject({ failed: 1 });
    // The entry of the failure is in the outbox yet; so is, behind it, that of the cancelled member.
    await pass(2);
    await driver.batches.retry(REF);
    await pass(2);
    const claimed = await claimAll();
    expect(claimed).toHaveLength(2);
    await pass(2);
    expect(await claimAll()).toEqual([]);
    expect(await driver.flows.read(REF)).toMatchObject({ failed: 0, cancelled: 0 });
  });

  it('ignore the entry of an id that a member has no more', async () => {
    await dispatch(2);
    const [failing] = await alive.claim(1);
    await alive.fail(failing!);
    expect(await claimAll()).toEqual(['finally']);
    expect(await driver.batches.retry(REF)).toBe(2);
    const again = await alive.claim();
    expect(again).toHaveLength(2);
    // The batch is stopped once more while the member runs under its new id.
    await alive.fail(again.find(({ id }) => id === failing!.id)!);
    await redis.client.rpush(`queue:${QUEUE}:outbox`, `${REF} 1 y ${idOf(1)}\n0\nhJob\n`);
    await redis.client.hset(`queue:${QUEUE}:meta`, 'outbox', '1');
    expect(await claimAll()).toEqual([]);
    expect(await driver.flows.read(REF)).toMatchObject({ total: 2, failed: 1, cancelled: 0 });
  });

  it.each(['sweep batch', 'stop members'])(
    'are stopped to their end by another process if one died at %s',
    async (script) => {
      await dispatch(120);
      const { death, consumer } = await dieAt(script, 'die after');
      const [failing, other] = await consumer.claim(2);
      await consumer.settle({
        kind: 'release',
        id: other!.id,
        fence: other!.fence,
        delay: 0,
        position: 'front',
        hasStarted: true,
      });
      consumer.fail(failing!).catch(() => undefined);
      await death;
      await pass(6);
      // The end of a member tells the next process of it.
      const [running] = await alive.claim(1);
      expect(running!.id).toBe(other!.id);
      await alive.settle(complete(running!));
      expect(await claimAll()).toEqual(['finally']);
      expect(await driver.flows.read(REF)).toMatchObject({ completed: 1, failed: 1, cancelled: 118 });
    },
  );

  it.each([
    ['add to batch', 'die before'],
    ['add to batch', 'die after'],
    ['push-members', 'die before'],
    ['push-members', 'die after'],
    ['confirm pushed', 'die before'],
  ] as const)(
    'have what was added by a process that died (%s, %s), within two seconds of a worker',
    async (script, fault) => {
      await dispatch(1);
      // It runs on: no end makes anybody look.
      const [running] = await alive.claim();
      const { own, death } = await dieAt(script, fault);
      const added = 'x'.repeat(20);
      own.batches.add(REF, [job(added)]).catch(() => undefined);
      await death;
      const ids: string[] = [];
      for (let looks = 0; looks < 4 && ids.length === 0; looks++) {
        ids.push(...(await claimAll()));
        if (ids.length === 0) await pass(0.5);
      }
      expect(ids).toEqual([added]);
      expect(await driver.flows.read(REF)).toMatchObject({ total: 2, completed: 0 });
      expect(await redis.client.exists(`queue:${QUEUE}:outbox`)).toBe(0);
      await alive.settle(complete(running!));
    },
  );

  it('do not have what they refused, also if a retry comes before the outbox is read', async () => {
    await open();
    const other = new TestConsumer(driver.consume('other', { lease: 30, onLost: () => undefined }));
    const member = { ...job(memberId(REF, CREATED, 'other', 0)), queue: 'other' };
    await driver.batches.feed(key, 0, [member], 0);
    await driver.batches.seal(key);
    await other.fail(await other.claimOne());
    expect(await claimAll()).toEqual(['finally']);
    const { own, death } = await dieAt('trim-outbox');
    own.batches.add(REF, [job('x'.repeat(20))]).catch(() => undefined);
    await death;
    expect(await redis.client.llen(`queue:${QUEUE}:outbox`)).toBe(1);
    expect(await driver.batches.retry(REF)).toBe(1);
    await driver.flows.settled();
    expect(await driver.flows.read(REF)).toMatchObject({ total: 1, failed: 0 });
    await pass(2);
    expect(await claimAll()).toEqual([]);
    expect(await redis.client.exists(`queue:${QUEUE}:outbox`)).toBe(0);
    expect(await driver.flows.read(REF)).toMatchObject({ total: 1 });
  });

  it('keep three bytes for a member', async () => {
    await open();
    for (let at = 0; at < 10_000; at += 500) {
      const jobs = Array.from({ length: 500 }, (_, index) => job(idOf(at + index)));
      await driver.batches.feed(key, at, jobs, 0);
    }
    const keys = await redis.client.keys('queue:~flow:*');
    const sizes = await Promise.all(keys.map((name) => redis.client.memory('USAGE', name)));
    expect(sizes.reduce<number>((sum, size) => sum + Number(size), 0) / 10_000).toBeLessThan(5);
  });

  it('keep no key without an end unless something of them can run', async () => {
    const withoutEnd = async (): Promise<number> => {
      const keys = await redis.client.keys('queue:~flow:*');
      const ends = await Promise.all(keys.map((name) => redis.client.ttl(name)));
      return ends.filter((end) => end === -1).length;
    };
    await open();
    await driver.batches.feed(key, 0, members(3), 0);
    expect(await withoutEnd()).toBe(0);
    await driver.batches.add(REF, [job('y'.repeat(20))]);
    expect(await withoutEnd()).toBe(0);
    await driver.batches.seal(key);
    expect(await withoutEnd()).toBeGreaterThan(0);
    const [failing] = await alive.claim(1);
    await alive.fail(failing!);
    expect(await claimAll()).toEqual(['finally']);
    expect(await withoutEnd()).toBe(0);
    await driver.batches.retry(REF);
    expect(await withoutEnd()).toBeGreaterThan(0);
    await alive.drain();
    await claimAll();
    expect(await withoutEnd()).toBe(0);
  });
});
