import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { FlowNode, NewFlow } from '../../../lib/drivers/queue-flows.interface.js';
import type { NewJob, QueueConsumer } from '../../../lib/drivers/queue-driver.interface.js';
import type { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import type { RedisProducer } from '../../../lib/drivers/redis/redis-producer.js';
import type { RedisToolkit } from '../../../lib/drivers/redis/redis-toolkit.js';
import { NO_OBSERVER } from '../../../lib/drivers/storage-observer.interface.js';
import { trimOutboxScript } from '../../../lib/drivers/redis/scripts/trim-outbox.script.js';
import { StorageCorruptError } from '../../../lib/queue.errors.js';
import { claim, claimOne, complete, idsOf, settle, TestConsumer } from '../../contract/scene.js';
import { eventually } from '../../support/eventually.js';
import { ScriptFaults } from '../../support/faulty-driver.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { RedisTime } from '../../support/redis-time.js';
import { useRedis } from '../../support/use-redis.js';

const QUEUE = 'mail';

describe('flows in Redis', () => {
  // Before the drivers are closed.
  afterEach(() => ScriptFaults.end());

  const redis = useRedis();
  const drivers = new RedisDrivers();
  let time: RedisTime;
  /** Seconds that have passed on the clock of the server, and on no other clock. */
  let passed = 0;
  let driver: RedisDriver;

  const connect = (): Promise<RedisDriver> =>
    drivers.connect({ redis: { url: redis.url }, scriptTime: time.script, clock: time.clock, statusTtl: 600 });
  const consume = (own = driver, onSignal?: () => void): QueueConsumer =>
    own.consume(QUEUE, { lease: 30, onLost: () => undefined, onSignal });
  const chain = (ids: string, wish: Partial<NewFlow> = {}) => {
    const nodes = ids.split('').map((id): FlowNode => ({ id, queue: QUEUE, body: 'hJob\n', delay: 0 }));
    return driver.flows.create({ ref: 'cOne', createdAt: 1, retention: 100, nodes, ...wish });
  };
  /** Lets a driver push each due job in steps of its own, as in a cluster: it listens to pushes. */
  const inSteps = (own: RedisDriver): RedisDriver => {
    own.observe({ ...NO_OBSERVER, hearsPushes: true });
    return own;
  };
  const meta = (): Promise<Record<string, string>> => redis.client.hgetall(`queue:${QUEUE}:meta`);

  const pass = async (seconds: number): Promise<void> => {
    passed += seconds;
    await time.outage(passed);
  };

  beforeEach(async () => {
    passed = 0;
    time = await RedisTime.start(redis.client);
    driver = await connect();
  });

  it('are taken up within two seconds if their process was killed', async () => {
    const killed = await connect();
    const faults = new ScriptFaults(killed, (script) => (script === 'hand over' ? 'die before' : 'none'));
    let signals = 0;
    const alive = new TestConsumer(consume(driver, () => signals++));
    await alive.poll();
    await eventually(async () => {
      const [, count] = (await redis.client.pubsub('NUMSUB', `queue:${QUEUE}:signals`)) as [string, number];
      expect(count).toBe(1);
    });
    await chain('ab');
    const consumer = consume(killed);
    const settling = settle(consumer, complete(await claimOne(consumer))).catch(() => undefined);
    await faults.death;
    // All consumers are called, and told when to look.
    await eventually(async () => expect(signals).toBe(1));
    const before = passed;
    let ids: string[] = [];
    for (let looks = 0; looks < 3 && ids.length === 0; looks++) {
      const { nextDue } = await alive.poll();
      if (nextDue !== null) await pass(nextDue / 1_000);
      await alive.poll();
      ids = idsOf(await alive.claim());
    }
    expect(ids).toEqual(['b']);
    expect(passed - before).toBeLessThanOrEqual(2);
    ScriptFaults.end();
    await settling;
  });

  it('hand over what a dead process has left in the outbox together with what is new', async () => {
    const killed = await connect();
    const faults = new ScriptFaults(killed, (script) => (script === 'hand over' ? 'die before' : 'none'));
    await chain('ab');
    await chain('cd', { ref: 'cTwo' });
    const dying = consume(killed);
    const alive = consume();
    const first = await claimOne(dying);
    const second = await claimOne(alive);
    const settling = settle(dying, complete(first)).catch(() => undefined);
    await faults.death;
    await pass(1.501);
    await settle(alive, complete(second));
    await driver.flows.settled();
    expect(idsOf(await claim(alive, 2))).toEqual(['b', 'd']);
    expect(await redis.client.exists(`queue:${QUEUE}:outbox`)).toBe(0);
    ScriptFaults.end();
    await settling;
  });

  it('are looked at each second by idle consumers while something of them goes on', async () => {
    await chain('ab');
    const consumer = consume();
    const other = new TestConsumer(consume());
    await settle(consumer, complete(await claimOne(consumer)));
    await claimOne(consumer);
    expect((await other.poll()).nextDue).toBe(1_000);
    await pass(10.001);
    expect((await other.poll()).nextDue).toBeGreaterThan(1_000);
  });

  it('let their queue be polled by the short script again when they have ended', async () => {
    await chain('ab');
    const consumer = consume();
    for (let i = 0; i < 2; i++) await settle(consumer, complete(await claimOne(consumer)));
    await claim(consumer);
    expect(await meta()).toMatchObject({ outbox: '0', traits: '0' });
    await redis.client.config('RESETSTAT');
    await claim(consumer);
    const { client } = redis;
    const stats = await client.info('commandstats');
    expect(stats).not.toContain('cmdstat_rpush');
    expect(await client.exists(`queue:${QUEUE}:outbox`, `queue:${QUEUE}:traits`)).toBe(0);
  });

  it('keep no key without an end once nothing of them can run, nor if their process died before it pushed', async () => {
    const faults = new ScriptFaults(inSteps(driver), (script) => (script === 'push-members' ? 'die before' : 'none'));
    chain('xy', { ref: 'cDead' }).catch(() => undefined);
    await faults.death;
    driver = await connect();
    await chain('ab');
    const withoutEnd = async (): Promise<string[]> => {
      const keys = await redis.client.keys('queue:~flow:*');
      const ends = await Promise.all(keys.map((key) => redis.client.ttl(key)));
      return keys.filter((_, index) => ends[index] === -1).toSorted();
    };
    expect(await withoutEnd()).toEqual(['queue:~flow:cOne']);
    const consumer = consume();
    for (let i = 0; i < 2; i++) await settle(consumer, complete(await claimOne(consumer)));
    expect(await withoutEnd()).toEqual([]);
    ScriptFaults.end();
  });

  it('keep their keys while a job waits, also if their process died before it confirmed the first push', async () => {
    const faults = new ScriptFaults(inSteps(driver), (script) => (script === 'confirm pushed' ? 'die before' : 'none'));
    chain('ab').catch(() => undefined);
    await faults.death;
    driver = await connect();
    const consumer = consume();
    await settle(consumer, complete(await claimOne(consumer)));
    await claimOne(consumer);
    await driver.flows.settled();
    for (const key of ['queue:~flow:cOne']) expect(await redis.client.ttl(key)).toBe(-1);
    ScriptFaults.end();
  });

  it('push a job of which the push comes too late not at all', async () => {
    const { producer } = driver as unknown as { producer: RedisProducer };
    const jobs: NewJob[] = [{ id: 'a', body: 'hJob\n', delay: 0, traits: { flow: { ref: 'cOne', node: 0 } } }];
    await expect(producer.pushMembers(QUEUE, jobs, time.clock.now() - 1)).rejects.toMatchObject({
      code: 'ERR_CONNECTION',
    });
    expect(await claim(consume())).toEqual([]);
    await producer.pushMembers(QUEUE, jobs, time.clock.now());
    await producer.pushMembers(QUEUE, jobs, time.clock.now());
    expect(idsOf(await claim(consume()))).toEqual(['a']);
  });

  it('do not push a job again that has ended, or was dropped, a while ago', async () => {
    const { producer } = driver as unknown as { producer: RedisProducer };
    const push = (id: string) =>
      producer.pushMembers(
        QUEUE,
        [{ id, body: 'hJob\n', delay: 0, traits: { flow: { ref: 'cGone', node: 0 } } }],
        time.clock.now(),
      );
    const consumer = consume();
    await push('a');
    await settle(consumer, complete(await claimOne(consumer)));
    await push('b');
    await driver.clear(QUEUE);
    await push('a');
    await push('b');
    expect(await claim(consumer)).toEqual([]);
    expect(await driver.getStatus('b')).toMatchObject({ state: 'cancelled' });
  });

  it('leave an outbox to whoever got it last', async () => {
    const killed = await connect();
    const faults = new ScriptFaults(killed, (script) => (script === 'trim-outbox' ? 'die before' : 'none'));
    await chain('abc');
    const late = consume(killed);
    const settling = settle(late, complete(await claimOne(late))).catch(() => undefined);
    await faults.death;
    const token = (await meta())['relay']!.split(' ')[0]!;
    await pass(2);
    const alive = new TestConsumer(consume());
    await alive.poll();
    const b = await alive.claimOne();
    // The entry of b is in the outbox while the process that was late trims it.
    const blocked = await connect();
    const faultsOfBlocked = new ScriptFaults(blocked, (script) => (script === 'hand over' ? 'die before' : 'none'));
    const holder = consume(blocked);
    await alive.settle({ kind: 'release', id: b.id, fence: b.fence, delay: 0, position: 'front' });
    const again = await claimOne(holder);
    const settlingAgain = settle(holder, complete(again)).catch(() => undefined);
    await faultsOfBlocked.death;
    const { toolkit } = driver as unknown as { toolkit: RedisToolkit };
    const input = { keys: toolkit.keys.of(QUEUE), args: { token, count: 1 } };
    expect(await toolkit.commands.run(trimOutboxScript, input, 'once')).toEqual([]);
    expect(await redis.client.lrange(`queue:${QUEUE}:outbox`, 0, -1)).toEqual(['cOne 1 c b']);
    await pass(2);
    await alive.poll();
    expect(idsOf(await alive.claim())).toEqual(['c']);
    ScriptFaults.end();
    await Promise.all([settling, settlingAgain]);
  });

  it('skip what other programs have put into an outbox, or into the key of a flow', async () => {
    await redis.client.rpush(`queue:${QUEUE}:outbox`, 'nonsense', 'cOne x c a', '', 'cNone 0 c a', 'cText 0 c a');
    await redis.client.set('queue:~flow:cText', 'text');
    await chain('ab');
    const consumer = consume();
    await settle(consumer, complete(await claimOne(consumer)));
    expect(idsOf(await claim(consumer))).toEqual(['b']);
    expect(await redis.client.exists(`queue:${QUEUE}:outbox`)).toBe(0);
    await expect(chain('x', { ref: 'cText' })).rejects.toBeInstanceOf(StorageCorruptError);
  });

  it('are stored by one call if they are dispatched at the same moment, and each by its own if one of them meets a key with something else', async () => {
    const refs = (some: readonly string[]) => some.map((ref) => chain(ref.slice(1), { ref }));
    await redis.client.config('RESETSTAT');
    await Promise.all(refs(['ca', 'cb', 'cc']));
    expect(await redis.client.info('commandstats')).toMatch(/cmdstat_evalsha:calls=[12],/);
    await redis.client.set('queue:~flow:ce', 'a text');
    await redis.client.hset('queue:~flow:cg', 'a', 'hash');
    const results = await Promise.allSettled(refs(['cd', 'ce', 'cf', 'cg']));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
    for (const at of [1, 3]) expect(results[at]).toMatchObject({ reason: expect.any(StorageCorruptError) });
    expect(idsOf(await claim(consume(), 10))).toEqual(['a', 'b', 'c', 'd', 'f']);
  });

  it('go on once the queue of the next job has no key of another type any more, with the result of the job before', async () => {
    const nodes = [QUEUE, 'other'].map((queue): FlowNode => ({ id: `of-${queue}`, queue, body: 'hJob\n', delay: 0 }));
    await chain('', { nodes });
    await redis.client.set('queue:other', 'a text');
    const consumer = new TestConsumer(consume());
    await consumer.settle(complete(await consumer.claimOne(), { result: 'done' }));
    await driver.flows.settled();
    expect((await driver.flows.nodes('cOne'))?.map(({ state }) => state)).toEqual(['completed', 'waiting']);
    await redis.client.del('queue:other');
    await pass(2);
    await consumer.poll();
    await driver.flows.settled();
    const next = await claimOne(driver.consume('other', { lease: 30, onLost: () => undefined }));
    expect([next.id, next.body]).toEqual(['of-other', 'hJob\t{"v":"done"}\n']);
  });

  it('push long records by several calls of the script', async () => {
    let calls = 0;
    const counted = await connect();
    void new ScriptFaults(counted, (script) => {
      if (script === 'hand over') calls++;
      return 'none';
    });
    const body = `hJob\n"${'x'.repeat(600_000)}"`;
    for (const first of ['a', 'b', 'c', 'd']) {
      const nodes = [first, `${first}2`].map((id): FlowNode => ({ id, queue: QUEUE, body, delay: 0 }));
      await chain('', { ref: `cOf${first}`, nodes });
    }
    const consumer = consume(counted);
    await settle(consumer, ...(await claim(consumer, 4)).map((job) => complete(job)));
    await counted.flows.settled();
    expect(calls).toBeGreaterThan(1);
    expect(idsOf(await claim(consumer, 4)).toSorted()).toEqual(['a2', 'b2', 'c2', 'd2']);
  });

  it('are refused while the queue of their first job has a key of another type, and begin if they are dispatched again', async () => {
    await redis.client.set(`queue:${QUEUE}`, 'a text');
    await expect(chain('ab')).rejects.toBeInstanceOf(StorageCorruptError);
    await redis.client.del(`queue:${QUEUE}`);
    await chain('ab');
    expect(idsOf(await claim(consume()))).toEqual(['a']);
  });
});
