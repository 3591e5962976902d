import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readdir, readFile } from 'node:fs/promises';
import { AuthenticationError } from '../../../../lib/queue.errors.js';
import { LIST_PLACES } from '../../../../lib/drivers/queue-lists.interface.js';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { LISTED_STATES } from '../../../../lib/job/job-status.js';
import {
  claim,
  claimOne,
  claimRecovered,
  complete,
  fail,
  IDLE,
  release,
  retry,
  settle,
} from '../../../contract/scene.js';
import { eventually } from '../../../support/eventually.js';
import { rawCommand } from '../../../support/raw-redis.js';
import { createAclUser } from '../../../support/redis-acl.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { startRedis, type TestRedis } from '../../../support/redis-server.js';
import { expectJourney } from './journey.js';

/** Every key of the library. */
const KEYS = ['~queue:*', '~job:status:*', '~worker:last_processed', '~queues'];
/**
 * The channels on which workers hear that a queue was paused, and callers that a job has ended. Without them a worker hears of a
 * pause up to 1.5 s later, and nobody can wait for a job.
 */
const CHANNELS = ['&queue:*'];
/**
 * The commands that every client of ioredis sends when it connects. INFO serves the ready check and the version check only.
 * CLIENT sets the name of the connection (SETNAME) and of the library (SETINFO); it does no harm if that is denied.
 */
const CONNECTION = ['+hello', '+auth', '+select', '+client|setname', '+info', '+ping'];
/** The commands that the library sends. */
const COMMANDS = [
  '+eval',
  '+evalsha',
  '+get',
  '+sadd',
  '+smembers',
  '+bzpopmin',
  '+time',
  '+subscribe',
  '+unsubscribe',
  // For the events of all processes alone.
  '+xread',
  '+xrevrange',
];
/** The commands of its scripts. */
const IN_SCRIPTS = [
  ['get', 'mget', 'set', 'mset', 'exists', 'unlink', 'del', 'expire', 'pexpire', 'persist', 'ttl', 'pttl'],
  ['lindex', 'llen', 'lpop', 'lpush', 'lrange', 'lrem', 'ltrim', 'rpush'],
  ['hset', 'hsetnx', 'hget', 'hmget', 'hgetall', 'hexists', 'hlen', 'hdel', 'hincrby', 'hkeys', 'hrandfield', 'hscan'],
  ['zadd', 'zcard', 'zcount', 'zrange', 'zrank', 'zrem', 'zscore', 'zremrangebyrank', 'zremrangebyscore'],
  ['sadd', 'srem', 'publish', 'getrange', 'setrange', 'xadd', 'xlen', 'xtrim'],
].flatMap((commands) => commands.map((command) => `+${command}`));
const LEAST = [...KEYS, ...CHANNELS, ...CONNECTION, ...COMMANDS, ...IN_SCRIPTS];
const CLOCK = `local now = tonumber(redis.call('GET', 'queue:test:clock'))`;

/** LEAST is a complete list of the permissions that a user of the library needs. */
describe('a user with the least privileges', () => {
  const drivers = new RedisDrivers();
  let server: TestRedis;

  beforeAll(async () => {
    server = await startRedis();
  }, 120_000);
  beforeEach(() => rawCommand(server.port, 'FLUSHALL'));
  afterAll(() => server.stop());

  async function connectAs(username: string, rules: readonly string[], scriptTime?: string): Promise<RedisDriver> {
    const user = await createAclUser(server, { username, password: 'secret' }, rules);
    const redis = { host: server.host, port: server.port, ...user, requestDeadline: 1 };
    return drivers.connect({ redis, scriptTime });
  }

  it('pushes, runs and tracks jobs', async () => {
    const driver = await connectAs('least', LEAST);
    await expectJourney(driver, 'journey');
    const consumer = driver.consume('ways', { lease: 30, onLost: () => undefined });
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    await driver.push(
      'ways',
      ids.map((id) => ({ id, body: id, delay: 0 })),
      true,
    );
    await driver.push('ways', [{ id: 'later', body: '', delay: 60 }], false);
    const [a, b, c, d, e] = await claim(consumer, 5);
    await settle(
      consumer,
      complete(a!),
      fail(b!),
      retry(c!, { delay: 9 }),
      release(d!, { position: 'front' }),
      release(e!, { unknown: true }),
    );
    await driver.setStatus('a', 'cancelled', 'by hand');
    expect(await driver.getStatus('later')).toMatchObject({ state: 'delayed' });
    expect(await driver.counts('ways')).toEqual({ ready: 3, blocked: 0, delayed: 2, reserved: 0, failed: 1 });
    expect(await driver.clear('ways')).toBe(5);
    const { cancellations } = driver;
    await driver.push('cancelled', [{ id: 'g', body: 'hJob\n', delay: 0 }], true);
    const { jobs, pushedBy } = await cancellations.live('cancelled', { limit: 10, headers: true });
    expect(jobs).toEqual([{ id: 'g', header: 'hJob' }]);
    expect(await cancellations.cancelSome('cancelled', ['g'], pushedBy)).toEqual({ ended: ['g'], told: 0 });
    expect(await cancellations.cancel('g')).toBeNull();
    expect(await driver.queues()).toEqual(expect.arrayContaining(['journey', 'ways']));
  });

  it('lists jobs in each state, blocked ones too', async () => {
    const driver = await connectAs('listing', LEAST);
    await driver.limits.set('listed', { concurrency: 3, rateLimit: { max: 9, per: 60 }, groups: { concurrency: 1 } });
    const traits = [{ group: 'a' }, { group: 'a' }, { priority: 3 }, {}];
    await driver.push(
      'listed',
      traits.map((each, i) => ({ id: `${i}-listed`, body: 'hJob\n', delay: 0, traits: each })),
      true,
    );
    await claim(driver.consume('listed', { lease: 30, onLost: () => undefined }), 1);
    for (const place of LIST_PLACES) {
      const request = { place, states: LISTED_STATES, order: 'oldest', limit: 9, skip: 0, filter: {} } as const;
      expect((await driver.lists.page('listed', request)).cursor).toBeUndefined();
    }
    await claim(driver.consume('listed', { lease: 30, onLost: () => undefined }), 2);
    expect(await driver.lists.total('listed', ['blocked'])).toBe(1);
    expect(await driver.lists.find('1-listed', ['listed'])).toMatchObject({ state: 'blocked' });
  });

  it('tells the events of all processes to each other', async () => {
    const driver = await connectAs('events', LEAST);
    const heard: string[] = [];
    const following = driver.events.follow(undefined, (events) => heard.push(...events.map(({ text }) => text)));
    await following.ready;
    await driver.events.append(['one', 'two'], 1);
    await driver.events.append(['three'], 1);
    await eventually(() => expect(heard).toEqual(['one', 'two', 'three']));
    following.close();
  });

  it('runs a chain', async () => {
    const driver = await connectAs('flows', LEAST);
    const nodes = ['1-chained', '2-chained'].map((id) => ({ id, queue: 'chained', body: 'hJob\n', delay: 0 }));
    await driver.flows.create({ ref: 'cAcl', createdAt: 1, retention: 60, nodes });
    const consumer = driver.consume('chained', { lease: 30, onLost: () => undefined });
    for (const { id } of nodes) {
      const job = await claimOne(consumer);
      expect(job.id).toBe(id);
      await settle(consumer, complete(job));
      await driver.flows.settled();
    }
    expect(await driver.flows.read('cAcl')).toMatchObject({ completed: 2, finishedAt: expect.any(Number) });
    expect(await driver.flows.cancel('cAcl')).toBe(false);
  });

  it('fires a schedule, and calls those who watch', async () => {
    const driver = await connectAs('schedules', LEAST);
    const { schedules } = driver;
    let calls = 0;
    const watch = schedules.watch(() => calls++);
    await eventually(() => expect(calls).toBe(1));
    await schedules.join({ application: 'shop', process: 'p1', names: ['a'] }, 30_000);
    await schedules.change({ name: 'a', expected: null, to: { state: '1', text: 'a', next: 1, application: 'shop' } });
    await eventually(() => expect(calls).toBe(2));
    const jobs = [{ id: 'a-scheduled', queue: 'scheduled', body: 'hJob\n', delay: 0 }];
    await schedules.change({ name: 'a', expected: '1', to: { state: '2', application: 'shop' }, jobs });
    expect(await driver.counts('scheduled')).toMatchObject({ ready: 1 });
    expect(await schedules.readAll()).toHaveLength(1);
    await schedules.leave('shop', 'p1');
    watch.close();
  });

  it('waits for a job, and a push wakes it', async () => {
    const driver = await connectAs('waiting', LEAST);
    const listener = driver.listen(['woken']);
    const waiting = listener.wait(60_000);
    await driver.push('woken', [{ id: 'a', body: '', delay: 0 }], false);
    expect(await waiting).toBe('woken');
    const again = listener.wait(60_000);
    listener.pass('woken');
    expect(await again).toBe('woken');
  });

  it('recovers jobs, promotes delayed jobs, and keeps a lease', async () => {
    const client = drivers.client(server.url);
    await client.set('queue:test:clock', 1e12);
    const driver = await connectAs('taking-over', LEAST, CLOCK);
    const [lost, alive] = [1, 2].map(() => driver.consume('over', { lease: 30, onLost: () => undefined }));
    await driver.push(
      'over',
      [
        { id: 'a', body: '', delay: 0 },
        { id: 'b', body: '', delay: 20 },
      ],
      false,
    );
    await claimOne(lost!);
    for (let time = 1e12; time < 1e12 + 50_000; time += 10_000) {
      await client.set('queue:test:clock', time);
      await alive!.poll(IDLE);
    }
    expect(await claimRecovered(alive!, 5)).toMatchObject([
      { id: 'a', crashes: 1 },
      { id: 'b', crashes: 0 },
    ]);
  });

  it('gets an error at once if it lacks a permission', async () => {
    const driver = await connectAs(
      'no-scripts',
      LEAST.filter((rule) => !rule.startsWith('+eval')),
    );
    await expect(driver.push('denied', [{ id: 'a', body: '', delay: 0 }], false)).rejects.toThrow(
      `Redis at 127.0.0.1:${server.port} refuses these credentials`,
    );
    const consumer = driver.consume('denied', { lease: 30, onLost: () => undefined });
    await expect(consumer.poll(IDLE)).rejects.toBeInstanceOf(AuthenticationError);
  });

  it('gets an error at once if it may not use a key, and nothing is written', async () => {
    const driver = await connectAs('no-key', [
      ...LEAST.filter((rule) => rule !== '~queue:*'),
      '~queue:mine*',
      '~queue:~ids',
    ]);
    await expectJourney(driver, 'mine');
    await expect(driver.push('other', [{ id: 'a', body: '', delay: 0 }], false)).rejects.toBeInstanceOf(
      AuthenticationError,
    );
    expect(await drivers.client(server.url).keys('queue:other*')).toEqual([]);
  });

  it('needs no INFO', async () => {
    const rules = LEAST.filter((rule) => rule !== '+info');
    const user = await createAclUser(server, { username: 'no-info', password: 'secret' }, rules);
    // Otherwise ioredis prints that its ready check fails.
    const redis = { host: server.host, port: server.port, ...user, enableReadyCheck: false };
    const driver = await drivers.connect({ redis });
    await expectJourney(driver, 'no-info');
  });

  it('needs each of these permissions, because a script uses the command', async () => {
    const folder = new URL('../../../../lib/drivers/redis/scripts/', import.meta.url);
    const entries = await readdir(folder, { recursive: true });
    const names = entries.filter((name) => name.endsWith('.ts'));
    const sources = await Promise.all(names.map((name) => readFile(new URL(name, folder), 'utf8')));
    const called = new Set(
      [...sources.join('').matchAll(/call\('([A-Z]+)'/g)].map(([, command]) => `+${command!.toLowerCase()}`),
    );
    expect([...called].toSorted()).toEqual(['+time', ...IN_SCRIPTS].toSorted());
  });
});
