import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import { QueueConnectionError } from '../../../../lib/queue.errors.js';
import { claimOne, complete, settle } from '../../../contract/scene.js';
import { eventually } from '../../../support/eventually.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { startRedis, type TestRedis } from '../../../support/redis-server.js';

/** The server can be reached but does not serve: it answers with an error that will pass. */
describe('a server that refuses for a while', () => {
  const drivers = new RedisDrivers();
  let server: TestRedis;
  let admin: Redis;
  let driver: RedisDriver;
  const push = (id: string): Promise<unknown> => driver.push('mail', [{ id, body: id, delay: 0 }], false);
  const connectTo =
    (config: readonly string[] = []) =>
    async (): Promise<void> => {
      server = drivers.keep(await startRedis({ config }));
      admin = drivers.client(server.url);
      driver = await drivers.connect({ redis: { host: server.host, port: server.port, requestDeadline: 0.5 } });
      await push('before');
    };

  const WAYS: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
    ['READONLY', () => admin.replicaof('127.0.0.1', 1), () => admin.replicaof('NO', 'ONE')],
    [
      'MASTERDOWN',
      async () => {
        await admin.config('SET', 'replica-serve-stale-data', 'no');
        await admin.replicaof('127.0.0.1', 1);
      },
      () => admin.replicaof('NO', 'ONE'),
    ],
    [
      'NOREPLICAS',
      () => admin.config('SET', 'min-replicas-to-write', 1),
      () => admin.config('SET', 'min-replicas-to-write', 0),
    ],
  ];

  describe.each(WAYS)('%s', (_, refuse, serve) => {
    beforeEach(connectTo());

    it('fails a push at the deadline, and does not store it later', async () => {
      await refuse();
      const pushing = push('refused');
      await expect(pushing).rejects.toBeInstanceOf(QueueConnectionError);
      await expect(pushing).rejects.toThrow(/does not serve at the moment|cannot be reached/);
      await serve();
      await eventually(() => push('after').then(() => true));
      expect(await admin.lrange('queue:mail', 0, -1)).toEqual(['before', 'after']);
    });

    it('keeps a poll waiting, which then settles and claims once', async () => {
      await push('next');
      const consumer = driver.consume('mail', { lease: 30, onLost: () => undefined });
      const job = await claimOne(consumer);
      await refuse();
      const poll = consumer.poll({ settlements: [complete(job)], limit: 1, recovered: false });
      // With a poll under way the connection may be renewed just when the push is: then nobody knows.
      await expect(push('refused')).rejects.toThrow(/does not serve at the moment|cannot be reached/);
      await serve();
      expect(await poll).toMatchObject({ lost: false, refused: [], jobs: [{ id: 'next' }] });
      expect(await driver.getStatus('before')).toMatchObject({ state: 'completed' });
    });

    it('keeps a listener waiting, and a later push wakes it', async () => {
      const listener = driver.listen(['later']);
      const waiting = listener.wait(60_000);
      await refuse();
      // The connection may be renewed just when the push is under way: then nobody knows if the push is stored.
      await expect(push('refused')).rejects.toThrow(/does not serve at the moment|cannot be reached/);
      await serve();
      await eventually(() => driver.push('later', [{ id: 'x', body: '', delay: 0 }], false).then(() => true));
      expect(await waiting).toBe('later');
    });
  });

  it('keeps a poll waiting while it is BUSY with a foreign script', async () => {
    await connectTo(['--busy-reply-threshold', '50'])();
    const consumer = driver.consume('mail', { lease: 30, onLost: () => undefined });
    const job = await claimOne(consumer);
    const busy = drivers
      .client(server.url)
      .eval('while true do end', 0)
      .catch((error: Error) => error.message);
    await eventually(async () => expect(await admin.ping().catch((error: Error) => error.message)).toMatch(/^BUSY/));
    const settling = settle(consumer, complete(job));
    await expect(push('refused')).rejects.toThrow(/does not serve at the moment \(BUSY/);
    await admin.script('KILL');
    expect(await busy).toContain('Script killed by user');
    expect((await settling).refused).toEqual([]);
    expect(await admin.llen('queue:mail')).toBe(0);
  });

  it('fails a push and keeps a poll waiting if it cannot save (MISCONF)', async () => {
    await connectTo(['--save', '3600 1'])();
    const consumer = driver.consume('mail', { lease: 30, onLost: () => undefined });
    const job = await claimOne(consumer);
    // A folder stands where the file should be written.
    const folder = join(server.dir, 'dump.rdb');
    await mkdir(folder);
    await admin.bgsave();
    await eventually(async () => expect(await admin.info('persistence')).toContain('rdb_last_bgsave_status:err'));
    const settling = settle(consumer, complete(job));
    await expect(push('refused')).rejects.toThrow(/does not serve at the moment \(MISCONF/);
    await rmdir(folder);
    await admin.bgsave();
    expect((await settling).refused).toEqual([]);
    expect(await admin.llen('queue:mail')).toBe(0);
  });

  it('keeps a poll waiting while it is LOADING after a restart', async () => {
    const slow = ['--key-load-delay', '20000', '--loading-process-events-interval-bytes', '1024'];
    server = drivers.keep(await startRedis({ config: slow }));
    admin = drivers.client(server.url);
    // Else ioredis asks whether it is loading, and sends nothing meanwhile.
    driver = await drivers.connect({ redis: { host: server.host, port: server.port, enableReadyCheck: false } });
    await push('a');
    for (let i = 0; i < 80; i++) await admin.set(`other-${i}`, 'x'.repeat(1_000));
    const consumer = driver.consume('mail', { lease: 30, onLost: () => undefined });
    const job = await claimOne(consumer);
    await admin.save();
    server.kill('SIGKILL');
    const [settled] = await Promise.all([settle(consumer, complete(job)), server.restart()]);
    expect(settled).toMatchObject({ lost: false, refused: [] });
    expect(await admin.info('errorstats')).toContain('errorstat_LOADING');
  });
});
