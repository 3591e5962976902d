import { afterEach, describe, expect, it } from '@jest/globals';
import { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { QueueEvents } from '../../../../lib/events/queue-events.js';
import { resolveOptions } from '../../../../lib/options/options.resolver.js';
import { systemClock } from '../../../../lib/support/clock.js';
import { claimOne, complete, settle } from '../../../contract/scene.js';
import { eventually } from '../../../support/eventually.js';
import { RecordingLogger } from '../../../support/recording-logger.js';
import { useRedis } from '../../../support/use-redis.js';
import { ListenerProcess } from './listener-process.js';

const redis = useRedis();
const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

/** Opens the events of one process. */
async function openEvents(options: { readonly keep?: number; readonly prefix?: string } = {}): Promise<QueueEvents> {
  return (await openProcess(options)).events;
}

async function openProcess({ keep = 10_000, prefix = '' } = {}): Promise<{ events: QueueEvents; driver: RedisDriver }> {
  const options = resolveOptions(
    { driver: 'redis', prefix, redis: { url: redis.url }, events: { everywhere: true, keep } },
    {},
  );
  const driver = new RedisDriver({ redis: options.redis, prefix, statusTtl: 60, clock: systemClock });
  await driver.connect();
  const events = new QueueEvents(new RecordingLogger(), options, driver, systemClock);
  open.push(driver, events);
  return { events, driver };
}

async function startListener(cursor?: string): Promise<ListenerProcess> {
  const listener = new ListenerProcess(redis.url, cursor);
  open.push({ close: () => listener.kill() });
  await listener.isReady();
  return listener;
}

function emit(events: QueueEvents, from: number, to: number): string[] {
  const ids = Array.from({ length: to - from }, (_, i) => `job-${from + i}`);
  for (const id of ids) {
    events.emit('completed', { time: new Date(), queue: 'mail', id, name: 'MailJob', attempt: 1, duration: 1 });
  }
  return ids;
}

describe('the events of all processes', () => {
  it('reach the listeners of each process in one order, with a cursor, also in the process that emits them', async () => {
    const [first, second] = [await openEvents(), await openEvents()];
    const heard: string[][] = [[], []];
    for (const [index, events] of [first, second].entries()) {
      events.on('completed', ({ id, cursor }) => heard[index]!.push(`${id} ${cursor}`));
      await events.ready();
    }
    emit(first, 0, 50);
    emit(second, 50, 100);
    await eventually(() => expect(heard.map(({ length }) => length)).toEqual([100, 100]));
    expect(heard[0]).toEqual(heard[1]);
    expect(new Set(heard[0]).size).toBe(100);
  });

  it('tell of the pushes and of the end of a flow, whichever process is at its turn', async () => {
    const [worker, other] = [await openProcess(), await openProcess()];
    const heard: string[] = [];
    other.events.on('pushed', ({ id }) => heard.push(`pushed ${id}`));
    other.events.on('chain-finished', ({ id, state, total }) => heard.push(`chain ${id}: ${state}, ${total}`));
    await other.events.ready();
    const nodes = ['a', 'b'].map((id) => ({ id, queue: 'mail', body: 'hJob\n', delay: 0 }));
    await other.driver.flows.create({ ref: 'cOne', createdAt: 1, retention: 60, nodes });
    const consumer = worker.driver.consume('mail', { lease: 30, onLost: () => undefined });
    for (let i = 0; i < 2; i++) await settle(consumer, complete(await claimOne(consumer)));
    await eventually(() => expect(heard).toEqual(['pushed a', 'pushed b', 'chain One: completed, 2']));
    await consumer.close();
  });

  it('reach nobody under another prefix', async () => {
    const [one, other] = [await openEvents({ prefix: 'one:' }), await openEvents({ prefix: 'other:' })];
    const heard: string[] = [];
    one.on('completed', ({ id }) => heard.push(`one ${id}`));
    other.on('completed', ({ id }) => heard.push(`other ${id}`));
    await Promise.all([one.ready(), other.ready()]);
    emit(one, 0, 1);
    emit(other, 1, 2);
    await eventually(() => expect(heard.toSorted()).toEqual(['one job-0', 'other job-1']));
    expect((await redis.client.keys('*')).toSorted()).toEqual([
      'one:queue:~events',
      'one:queue:~events:sizes',
      'one:queue:~events:total',
      'other:queue:~events',
      'other:queue:~events:sizes',
      'other:queue:~events:total',
    ]);
  });

  it('are heard again by a listener that was killed, from the last one on that it has handled', async () => {
    const events = await openEvents();
    const first = await startListener();
    const ids = emit(events, 0, 300);
    await first.heard.has(100);
    const last = (await first.kill())!;
    // What comes while nobody listens.
    ids.push(...emit(events, 300, 600));
    const second = await startListener(last.cursor);
    ids.push(...emit(events, 600, 700));
    await second.heard.has(ids.length - first.heard.count);
    const heard = [...first.heard.items, ...second.heard.items].map(({ id }) => id);
    expect(heard).toEqual(ids);
  }, 60_000);

  it('slow nobody down while a listener is stopped, and are there when it goes on, as far as they are kept', async () => {
    const keep = 1_000;
    const events = await openEvents({ keep });
    const slow = await startListener();
    const quick: string[] = [];
    events.on('completed', ({ id }) => quick.push(id));
    await events.ready();
    slow.signal('SIGSTOP');
    const ids: string[] = [];
    for (let i = 0; i < 10; i++) ids.push(...emit(events, i * 500, (i + 1) * 500));
    await eventually(() => expect(quick).toHaveLength(ids.length));
    expect(quick).toEqual(ids);
    slow.signal('SIGCONT');
    await eventually(() => slow.heard.items.at(-1)?.id === ids.at(-1));
    expect(slow.heard.items.map(({ id }) => id).slice(-keep)).toEqual(ids.slice(-keep));
  }, 60_000);

  it('take no more room than the last ones need, and none after a day', async () => {
    const events = await openEvents({ keep: 100 });
    for (let i = 0; i < 20; i++) {
      emit(events, i * 40, (i + 1) * 40);
      await eventually(
        async () => Number(await redis.client.get('queue:~events:total')) >= Math.min((i + 1) * 40, 100),
      );
    }
    await events.close();
    const total = Number(await redis.client.get('queue:~events:total'));
    expect(total).toBeGreaterThanOrEqual(100);
    expect(total).toBeLessThan(100 + 500);
    const sizes = await redis.client.lrange('queue:~events:sizes', 0, -1);
    expect(await redis.client.xlen('queue:~events')).toBe(sizes.length);
    expect(sizes.reduce((sum, size) => sum + Number(size), 0)).toBe(total);
    for (const key of await redis.client.keys('*')) {
      expect(await redis.client.pttl(key)).toBeGreaterThan(86_300_000);
      expect(await redis.client.pttl(key)).toBeLessThanOrEqual(86_400_000);
    }
  });

  it('go on behind the last one when the connection of a listener was lost', async () => {
    const events = await openEvents();
    const heard: string[] = [];
    events.on('completed', ({ id }) => heard.push(id));
    await events.ready();
    const ids = emit(events, 0, 10);
    await eventually(() => expect(heard).toHaveLength(10));
    for (const line of String(await redis.client.client('LIST')).split('\n')) {
      const id = /^id=(\d+).* name=queue:waiting /.exec(line)?.[1];
      if (id) await redis.client.client('KILL', 'ID', id);
    }
    ids.push(...emit(events, 10, 30));
    await eventually(() => expect(heard).toHaveLength(30));
    expect(heard).toEqual(ids);
  });
});

describe('QueueEvents.since()', () => {
  it('is refused without the option, and with what is no cursor', async () => {
    const local = new QueueEvents(new RecordingLogger(), resolveOptions({ driver: 'array' }, {}));
    expect(() => local.since('1-1:0')).toThrow(/"since\(\)": expected the option "events.everywhere" of the module/);
    const events = await openEvents();
    const errors: unknown[] = [];
    events.since('x').subscribe({ error: (error: unknown) => errors.push(error) });
    await eventually(() => errors.length === 1);
    expect(errors[0]).toMatchObject({ code: 'ERR_INVALID_OPTION' });
  });
});
