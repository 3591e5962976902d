import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { QueueManager } from 'nestjs-job-queue';
import type { Child } from '../../../support/child.js';
import { closeClient } from '../../../support/close-client.js';
import { eventually } from '../../../support/eventually.js';
import { useRedis } from '../../../support/use-redis.js';
import { startWorkers } from '../worker-processes.js';
import { GatheringService } from './gathering.service.js';
import { Market } from './market.js';
import { PortfolioModule } from './portfolio.module.js';
import { OPTIONS, RedisWorld, SELDOM_RULES, URL_VARIABLE, WINDOW } from './redis-world.js';
import { SnapshotService, type SnapshotRequest } from './snapshots.js';

// Each test starts two processes that load all of Nest.
jest.setTimeout(90_000);

const TIMEOUT = { timeout: 40_000 };
const request: SnapshotRequest = { userId: 'ann', currency: 'EUR', filters: [] };

describe('an application that gathers prices, with two worker processes of which one is killed', () => {
  const redis = useRedis();
  let client: Redis;
  let world: RedisWorld;
  let workers: Child[];
  let applications: INestApplicationContext[];

  beforeEach(async () => {
    client = new Redis(redis.url);
    await client.flushall();
    [world, applications, workers] = [new RedisWorld(client), [], []];
    workers = await startWorkers(2, 'portfolio/worker-main.ts', { [URL_VARIABLE]: redis.url });
  });
  afterEach(async () => {
    await Promise.all(applications.map(async (application) => application.close()));
    await Promise.all(workers.map(async (worker) => worker.stop()));
    closeClient(client);
  });

  /** Starts a process that pushes, as far as the queue can tell. */
  async function start(): Promise<INestApplicationContext> {
    const options = { ...OPTIONS, redis: { url: redis.url }, worker: false as const };
    const application = await NestFactory.createApplicationContext(
      PortfolioModule.of(options, world, world, [], SELDOM_RULES),
      {
        logger: false,
      },
    );
    applications.push(application);
    return application;
  }

  /** Kills the worker that computes. */
  async function killComputing(): Promise<void> {
    const [pid] = await eventually(async () => {
      const pids = await world.computations();
      return pids.length > 0 && pids;
    }, TIMEOUT);
    workers.find((worker) => worker.pid === pid)!.kill('SIGKILL');
  }

  test('asks each source in the order of priorities, and no faster than it allows', async () => {
    const application = await start();
    const market = application.get(Market);
    for (const dataSource of ['YAHOO', 'EOD'] as const) {
      for (let at = 0; at < 6; at++) market.assets.push({ dataSource, symbol: `L${at}` });
      market.currencies.push({ dataSource, symbol: 'HIGH' });
      market.users.push({ id: dataSource, isPaying: true, assets: [{ dataSource, symbol: 'L5' }] });
    }
    await application.get(GatheringService).gatherRecent();
    await eventually(async () => {
      const sources = (await world.calls()).map(({ source }) => source);
      return ['YAHOO', 'EOD'].every((each) => sources.filter((source) => source === each).length >= 2);
    }, TIMEOUT);
    workers[0]!.kill('SIGKILL');

    const queue = application.get(QueueManager);
    await eventually(async () => {
      const { ready, blocked, delayed, reserved, failed } = await queue.counts('history');
      expect([ready, blocked, delayed, reserved, failed]).toEqual([0, 0, 0, 0, 0]);
    }, TIMEOUT);

    const calls = await world.calls();
    for (const source of ['YAHOO', 'EOD']) {
      const own = calls.filter((call) => call.source === source);
      expect(new Set(own.map(({ symbol }) => symbol))).toEqual(new Set(['HIGH', 'L0', 'L1', 'L2', 'L3', 'L4', 'L5']));
      expect(own.slice(0, 2).map(({ symbol }) => symbol)).toEqual(['HIGH', 'L5']);
      // The window is kept by the starts. From a start to the call of the handler some time passes, and not always the same.
      const times = own.map(({ time }) => time);
      expect(times.at(-1)! - times[0]!).toBeGreaterThan((times.length - 1) * WINDOW - WINDOW / 2);
    }
  });

  test('answers ten requests with one computation', async () => {
    const application = await start();
    const read = application.get(SnapshotService);
    const answers = await Promise.all(Array.from({ length: 10 }, async () => read.read(request)));

    expect(new Set(answers.map(({ value }) => value))).toEqual(new Set([1]));
    expect(await world.computations()).toHaveLength(1);
  });

  test('answers a request whose computing worker is killed', async () => {
    const application = await start();
    await world.closeGate();
    const answers = Promise.all(Array.from({ length: 10 }, async () => application.get(SnapshotService).read(request)));
    await killComputing();
    await eventually(async () => (await world.computations()).length === 2, TIMEOUT);
    await world.openGate();

    expect(new Set((await answers).map(({ value }) => value))).toEqual(new Set([2]));
    const [first, second, ...more] = await world.computations();
    expect([first === second, more]).toEqual([false, []]);
  });

  test('computes once, however many leases that takes', async () => {
    const application = await start();
    await world.closeGate();
    const answer = application.get(SnapshotService).read(request);
    await eventually(async () => (await world.computations()).length === 1, TIMEOUT);
    const started = await world.now();
    await eventually(async () => (await world.now()) > started + 4_000, TIMEOUT);
    await world.openGate();

    expect(await answer).toEqual({ userId: 'ann', value: 1 });
    expect(await world.computations()).toHaveLength(1);
  });

  test('computes once for the changes that two processes tell, also after one of them has started anew', async () => {
    const [one, other] = [await start(), await start()];
    await one.get(SnapshotService).changed(request);
    await other.get(SnapshotService).changed(request);
    await one.close();
    const again = await start();
    await again.get(SnapshotService).changed(request);
    workers[0]!.kill('SIGKILL');

    const queue = again.get(QueueManager);
    expect(await queue.counts('changes')).toMatchObject({ ready: 0, delayed: 1 });
    await eventually(async () => (await world.computations()).length > 0, TIMEOUT);
    await eventually(async () => {
      expect(await queue.counts('changes')).toMatchObject({ ready: 0, delayed: 0, reserved: 0 });
      expect(await queue.counts('snapshots')).toMatchObject({ ready: 0, delayed: 0, reserved: 0 });
    }, TIMEOUT);
    expect(await world.computations()).toHaveLength(1);
  });
});
