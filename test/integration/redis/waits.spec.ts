import { beforeEach, describe, expect, it } from '@jest/globals';
import type { JobEnd } from '../../../lib/drivers/queue-waits.interface.js';
import type { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import { claim, claimOne, complete, numbered, settle } from '../../contract/scene.js';
import { eventually } from '../../support/eventually.js';
import { createAclUser } from '../../support/redis-acl.js';
import { rawCommand } from '../../support/raw-redis.js';
import { startRedisCluster } from '../../support/redis-cluster.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { startRedis, type TestRedis } from '../../support/redis-server.js';
import { TcpProxy } from '../../support/tcp-proxy.js';

const QUEUE = 'mail';
const MINUTE = 60_000;

/** Opens a wait, and returns it with its end. */
async function open(driver: RedisDriver, id: string, { timeout = MINUTE, pushedTo = '' } = {}) {
  let tell!: (end: JobEnd) => void;
  let fail!: (error: Error) => void;
  const end = new Promise<JobEnd>((resolve, reject) => {
    tell = resolve;
    fail = reject;
  });
  end.catch(() => undefined);
  const terms = { timeout, ...(pushedTo !== '' && { pushedTo }) };
  const wait = await driver.waits.open(id, terms, { ended: tell, failed: fail });
  return { ...wait, end };
}

describe('waits for jobs in Redis', () => {
  const drivers = new RedisDrivers();
  let server: TestRedis;
  let driver: RedisDriver;
  const push = (ids: readonly string[], on = driver) =>
    on.push(
      QUEUE,
      ids.map((id) => ({ id, body: '', delay: 0 })),
      false,
    );
  const consume = (on = driver) => on.consume(QUEUE, { lease: 30, onLost: () => undefined });
  const raw = (...command: string[]) => rawCommand(server.port, ...command);
  const client = () => drivers.client(server.url);

  beforeEach(async () => {
    server = drivers.keep(await startRedis({ config: ['--appendonly', 'yes', '--appendfsync', 'always'] }));
    driver = await drivers.connect({ redis: { host: server.host, port: server.port } });
  });

  it('cost a queue nothing for which nobody waits', async () => {
    const consumer = consume();
    const calls = async () => {
      const stats = await client().info('commandstats');
      return Object.fromEntries([...stats.matchAll(/cmdstat_(\w+):calls=(\d+)/g)].map(([, name, n]) => [name, n]));
    };
    await push(numbered(3));
    await settle(consumer, ...(await claim(consumer)).map((job) => complete(job)));
    const { exists = '0', publish = '0' } = await calls();
    await push(numbered(3, 'other'));
    await settle(consumer, ...(await claim(consumer)).map((job) => complete(job)));
    expect(await calls()).toMatchObject({ ...(exists !== '0' && { exists }), ...(publish !== '0' && { publish }) });
    expect(Object.keys(await calls())).not.toContain('publish');
  });

  it('look for the waits of all jobs of a poll with one command', async () => {
    const ids = numbered(100);
    await push(ids);
    const wait = await open(driver, ids[7]!);
    const consumer = consume();
    const jobs = await claim(consumer);
    await raw('CONFIG', 'RESETSTAT');
    await settle(consumer, ...jobs.map((job) => complete(job)));
    expect(await wait.end).toMatchObject({ state: 'completed' });
    expect(await client().info('commandstats')).toMatch(/cmdstat_publish:calls=1,/);
  });

  it('share one connection: a thousand of them', async () => {
    const ids = numbered(1_000);
    await push(ids.slice(0, 500));
    await push(ids.slice(500));
    const waits = await Promise.all(ids.map((id) => open(driver, id)));
    const all = await client().client('LIST');
    expect(String(all).match(/name=queue:signals/g)).toHaveLength(1);
    const consumer = consume();
    for (let jobs = await claim(consumer); jobs.length > 0; jobs = await claim(consumer)) {
      await settle(consumer, ...jobs.map((job, i) => complete(job, { result: String(i) })));
    }
    expect((await Promise.all(waits.map(({ end }) => end))).map(({ state }) => state)).toEqual(
      ids.map(() => 'completed'),
    );
    expect(await client().keys('queue:mail:waits:*')).toEqual([]);
  });

  it('for one job are one to the server: fifteen hundred of them are told at once', async () => {
    await push(['a']);
    const waits = await Promise.all(numbered(1_500).map(() => open(driver, 'a')));
    const longest = await open(driver, 'a', { timeout: 2 * MINUTE });
    expect(await client().zcard('queue:mail:waits:a')).toBe(1);
    expect(await client().pttl('queue:mail:waits:a')).toBeGreaterThan(MINUTE + 10_000);
    await longest.close();
    await waits.pop()!.close();
    const other = await drivers.connect({ redis: { host: server.host, port: server.port } });
    const elsewhere = await open(other, 'a');
    expect(await client().zcard('queue:mail:waits:a')).toBe(2);
    await raw('CONFIG', 'RESETSTAT');
    const consumer = consume();
    await settle(consumer, complete(await claimOne(consumer), { result: '1', isOnlyTold: true }));
    const end = { state: 'completed', isWhole: true, result: '1' };
    for (const wait of [...waits, elsewhere]) expect(await wait.end).toEqual(end);
    expect(await client().info('commandstats')).toMatch(/cmdstat_publish:calls=2,/);
  });

  it('for the next job of an id do not get the end that another wait of the process missed', async () => {
    const job = { id: 'a', body: '', delay: 0, name: 'one' };
    await driver.push(QUEUE, [job], true);
    const proxy = drivers.keep(await TcpProxy.start(server));
    const far = await drivers.connect({ redis: { host: proxy.host, port: proxy.port } });
    // It hears no messages.
    const deaf = proxy.blackHoleAt('\r\nsubscribe\r\n');
    const first = await open(far, 'a');
    await deaf;
    const consumer = consume();
    await settle(consumer, complete(await claimOne(consumer), { result: '1', isOnlyTold: true }));
    await driver.push(QUEUE, [{ ...job, replacesEnded: true }], true);
    const second = await open(far, 'a');
    expect(await first.end).toMatchObject({ result: '1' });
    await settle(consumer, complete(await claimOne(consumer), { result: '2', isOnlyTold: true }));
    expect(await second.close()).toMatchObject({ result: '2' });
  });

  it('leave nothing behind when they are closed, or when their process was killed', async () => {
    await push(['a', 'b']);
    const a = await open(driver, 'a');
    await a.close();
    expect(await client().keys('queue:mail:waits:*')).toEqual([]);
    // Nobody closes this one.
    const b = await open(driver, 'b', { timeout: 1_000 });
    expect(await client().pttl('queue:mail:waits:b')).toBeGreaterThan(1_000);
    expect(await client().pttl('queue:mail:waits:b')).toBeLessThanOrEqual(6_000);
    const consumer = consume();
    await settle(consumer, ...(await claim(consumer)).map((job) => complete(job)));
    await b.end;
    expect(await client().exists('queue:mail:waits:b')).toBe(0);
    expect(await client().exists('queue:mail:answer:a')).toBe(0);
    expect(await client().pttl('queue:mail:answer:b')).toBeGreaterThan(0);
    expect(await client().pttl('queue:mail:answer:b')).toBeLessThanOrEqual(6_000);
  });

  it('before the first push of a queue leave no key that does not expire', async () => {
    const a = await open(driver, 'a', { pushedTo: 'new' });
    const keys = await client().keys('queue:*');
    expect(keys.toSorted()).toEqual(['queue:new:meta', 'queue:new:waits:a']);
    for (const key of keys) expect(await client().pttl(key)).toBeGreaterThan(0);
    await a.close();
  });

  it('keep the time to live of the meta data of a queue, which a day of a poll renews', async () => {
    const consumer = consume();
    await consumer.poll({ settlements: [], limit: 1, recovered: false });
    await push(['a']);
    await open(driver, 'a', { timeout: 86_400_000 });
    expect(await client().pttl('queue:mail:meta')).toBeGreaterThan(86_400_000);
    await driver.pauses.pause(QUEUE, null);
    await open(driver, 'a', { timeout: 1_000 });
    expect(await client().pttl('queue:mail:meta')).toBe(-1);
  });

  it('are told of an end whose message got lost, when the connection of the messages is back', async () => {
    await push(['a']);
    const wait = await open(driver, 'a');
    const other = await drivers.connect({ redis: { host: server.host, port: server.port } });
    const consumer = consume(other);
    const job = await claimOne(consumer);
    await eventually(async () => expect(await raw('CLIENT', 'LIST', 'TYPE', 'pubsub')).toContain('queue:signals'));
    await raw('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await settle(consumer, complete(job, { result: '1', isOnlyTold: true }));
    expect(await wait.end).toEqual({ state: 'completed', isWhole: true, result: '1' });
  });

  it('are told when Redis was killed and is back, of jobs that ended before and after', async () => {
    await push(['a', 'b']);
    const [a, b] = [await open(driver, 'a'), await open(driver, 'b')];
    const other = await drivers.connect({ redis: { host: server.host, port: server.port } });
    const consumer = consume(other);
    const [jobA, jobB] = await claim(consumer);
    const settling = settle(consumer, complete(jobA!, { result: '1', isOnlyTold: true }));
    server.kill('SIGKILL');
    await server.restart();
    await settling;
    expect(await a.end).toEqual({ state: 'completed', isWhole: true, result: '1' });
    await settle(consumer, complete(jobB!, { result: '2', isOnlyTold: true }));
    expect(await b.end).toEqual({ state: 'completed', isWhole: true, result: '2' });
  });

  it('begin once when the reply to that is lost, and end with the answer that came meanwhile', async () => {
    const proxy = drivers.keep(await TcpProxy.start(server));
    const far = await drivers.connect({ redis: { host: proxy.host, port: proxy.port }, statusTtl: 0 });
    await open(far, 'warm', { pushedTo: QUEUE });
    await push(['a']);
    const consumer = consume();
    const job = await claimOne(consumer);
    const lost = proxy.loseReplyTo('queue:mail:waits:a');
    const opening = open(far, 'a', { pushedTo: QUEUE });
    await lost;
    const wait = await opening;
    wait.arrived();
    expect(await client().zcard('queue:mail:waits:a')).toBe(1);
    await settle(consumer, complete(job, { result: '1', isOnlyTold: true }));
    expect(await wait.end).toEqual({ state: 'completed', isWhole: true, result: '1' });
  });

  it('are told once, although the reply to the settlement is lost', async () => {
    const proxy = drivers.keep(await TcpProxy.start(server));
    const far = await drivers.connect({ redis: { host: proxy.host, port: proxy.port } });
    await push(['warm']);
    const consumer = consume(far);
    await settle(consumer, complete(await claimOne(consumer)));
    await push(['a']);
    const wait = await open(driver, 'a');
    const job = await claimOne(consumer);
    const lost = proxy.loseReplyTo(`${job.fence}`);
    await Promise.all([settle(consumer, complete(job, { result: '1', isOnlyTold: true })), lost]);
    expect(await wait.end).toEqual({ state: 'completed', isWhole: true, result: '1' });
  });

  it('look for the last time when they are closed: a worker may lack the right to send messages', async () => {
    const rules = ['~*', '+@all', '-publish'];
    const mute = await createAclUser(server, { username: 'mute', password: 'secret' }, rules);
    const worker = await drivers.connect({ redis: { host: server.host, port: server.port, ...mute } });
    // The channel of the waits listens from the first one on: later, nothing looks by itself.
    await push(['first']);
    const first = await open(driver, 'first');
    const warm = consume();
    await settle(warm, complete(await claimOne(warm)));
    await first.end;
    await push(['a']);
    const wait = await open(driver, 'a');
    const consumer = consume(worker);
    expect(await settle(consumer, complete(await claimOne(consumer), { result: '1', isOnlyTold: true }))).toMatchObject(
      {
        refused: [],
      },
    );
    expect(await wait.close()).toEqual({ state: 'completed', isWhole: true, result: '1' });
  });

  it('fail at once without the right to listen', async () => {
    const deaf = await createAclUser(server, { username: 'deaf', password: 'secret' }, ['~*', '+@all']);
    const far = await drivers.connect({ redis: { host: server.host, port: server.port, ...deaf } });
    await push(['a']);
    const wait = await open(far, 'a');
    await expect(wait.end).rejects.toMatchObject({ code: 'ERR_AUTHENTICATION' });
  });

  it('in keys of another type fail alone, and settle every job', async () => {
    await push(['a', 'b']);
    const b = await open(driver, 'b');
    await client().set('queue:mail:waits:a', 'foreign');
    await expect(open(driver, 'a')).rejects.toMatchObject({ code: 'ERR_STORAGE_CORRUPT' });
    const consumer = consume();
    const jobs = await claim(consumer);
    expect(await settle(consumer, ...jobs.map((job) => complete(job)))).toMatchObject({ refused: [] });
    expect(await b.end).toMatchObject({ state: 'completed' });
    expect(await client().get('queue:mail:waits:a')).toBe('foreign');
  });

  it('are told in a cluster, whichever node has the queue', async () => {
    const cluster = drivers.keep(await startRedisCluster());
    const redis = { cluster: [...cluster.startupNodes] };
    const [waiting, working] = [await drivers.connect({ redis }), await drivers.connect({ redis })];
    for (const queue of ['a', 'mail', 'images']) {
      await working.push(queue, [{ id: `of-${queue}`, body: '', delay: 0 }], false);
      const wait = await open(waiting, `of-${queue}`);
      const consumer = working.consume(queue, { lease: 30, onLost: () => undefined });
      await settle(consumer, complete(await claimOne(consumer), { result: '1', isOnlyTold: true }));
      expect(await wait.end).toEqual({ state: 'completed', isWhole: true, result: '1' });
    }
  }, 60_000);
});
