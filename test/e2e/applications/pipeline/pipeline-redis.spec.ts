import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { QueueAdmin, QueueManager, QueueSchedules } from 'nestjs-job-queue';
import type { Child } from '../../../support/child.js';
import { closeClient } from '../../../support/close-client.js';
import { eventually } from '../../../support/eventually.js';
import { useRedis } from '../../../support/use-redis.js';
import { startWorkers } from '../worker-processes.js';
import { ClientMessages } from './client-messages.js';
import { Nightly } from './nightly.js';
import { Operations } from './operations.js';
import { PipelineModule } from './pipeline.module.js';
import { RedisLibrary } from './redis-library.js';

// Each test starts two processes that load all of Nest.
jest.setTimeout(90_000);

const TIMEOUT = { timeout: 60_000 };
const PHOTO = ['faces', 'metadata', 'path', 'person', 'preview', 'sidecar', 'smart', 'thumbnail'];

describe('a pipeline under the hand of an operator, with a process that pushes and two that work', () => {
  const redis = useRedis();
  let client: Redis;
  let library: RedisLibrary;
  let workers: Child[];
  let api: INestApplicationContext;
  let operations: Operations;

  beforeEach(async () => {
    client = new Redis(redis.url);
    await client.flushall();
    library = new RedisLibrary(client);
    workers = await startWorkers(2, 'pipeline/worker-main.ts', { PIPELINE_REDIS: redis.url });
    api = await startApi();
    operations = api.get(Operations);
  });
  afterEach(async () => {
    await api.close();
    await Promise.all(workers.map(async (worker) => worker.stop()));
    closeClient(client);
  });

  /** Starts a process that pushes and works nothing, as far as the queue can tell. */
  async function startApi(): Promise<INestApplicationContext> {
    const options = {
      driver: 'redis',
      redis: { url: redis.url },
      worker: false,
      events: { everywhere: true },
    } as const;
    return NestFactory.createApplicationContext(PipelineModule.of(options, library, library), { logger: false });
  }

  const isIdle = async (): Promise<boolean> =>
    (await operations.report()).every(({ active, waiting, delayed }) => active + waiting + delayed === 0);

  test('makes each artefact of each asset, although a worker is killed', async () => {
    const assets = Array.from({ length: 200 }, (_, at) => `${at % 10 === 0 ? 'video' : 'photo'}-${at}`);
    await operations.upload(assets);
    await eventually(async () => (await library.writers()).length > 300, TIMEOUT);
    workers[0]!.kill('SIGKILL');
    await eventually(isIdle, TIMEOUT);

    for (const asset of assets) {
      expect(await library.row(asset)).toEqual(asset.startsWith('video') ? [...PHOTO, 'video'] : PHOTO);
    }
    const { pid } = workers[0]!;
    expect(await library.writers()).toContain(pid);
    expect((await library.writers()).at(-1)).not.toBe(pid);
    expect((await operations.report()).map(({ failed }) => failed)).toEqual(Array.from({ length: 12 }, () => 0));
  });

  test('tells the clients of the pushing process what the working ones have done', async () => {
    const heard: string[] = [];
    api.get(ClientMessages).messages.subscribe(({ id }) => heard.push(id));
    await operations.upload(['photo-1']);
    await eventually(() => heard.length === 2, TIMEOUT);
    expect(heard).toEqual(['extract-metadata/photo-1', 'generate-preview/photo-1']);
  });

  test('starts nothing of a paused queue in any process, also after they have started anew, until it is resumed', async () => {
    const admin = api.get(QueueAdmin);
    await admin.pause('storage');
    const assets = Array.from({ length: 40 }, (_, at) => `photo-${at}`);
    await operations.upload(assets);
    const reportOf = async (name: string) => (await operations.report()).find((each) => each.name === name)!;
    await eventually(async () => (await reportOf('storage')).waiting === 40, TIMEOUT);
    await Promise.all(workers.map(async (worker) => worker.stop()));
    workers = await startWorkers(2, 'pipeline/worker-main.ts', { PIPELINE_REDIS: redis.url });
    await operations.personThumbnail('person');
    await eventually(async () => (await library.row('person')).includes('thumbnail'), TIMEOUT);
    expect(await reportOf('storage')).toMatchObject({ waiting: 40, active: 0, isPaused: true });

    await admin.resume('storage');
    await eventually(isIdle, TIMEOUT);
    expect(await library.row('photo-39')).toEqual(PHOTO);
  });

  test('does its nightly jobs once, at the time that the admin has set last, and recognises faces when all are detected', async () => {
    const other = await startApi();
    try {
      await library.add(Array.from({ length: 40 }, (_, at) => `photo-${at}`));
      // Both processes set what was stored when they started.
      for (const process of [api, other]) await process.get(Nightly).setTime({ hour: 3, timeZone: 'UTC' });
      const [seconds] = await client.time();
      const at = new Date((Number(seconds) + 3) * 1000);
      const [hour, minute, second] = [at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds()];
      await other.get(Nightly).setTime({ hour, minute, second, timeZone: 'UTC' });
      workers[0]!.kill('SIGKILL');
      await eventually(async () => (await library.notes()).length === 2, TIMEOUT);

      expect(await library.notes()).toEqual([`night of ${at.toISOString()}`, 'recognised 40 of 40']);
      const schedule = (await api.get(QueueSchedules).get('nightly'))!;
      expect(schedule).toMatchObject({ runs: 1, next: new Date(at.getTime() + 86_400_000) });
      await eventually(isIdle, TIMEOUT);
      expect(await library.notes()).toHaveLength(2);
    } finally {
      await other.close();
    }
  });

  test('never runs more jobs of a queue at once than an operator has set for all workers', async () => {
    await operations.setConcurrency('sidecar', 1);
    const queue = api.get(QueueManager);
    let most = 0;
    await operations.upload(Array.from({ length: 300 }, (_, at) => `photo-${at}`));
    await eventually(async () => {
      const { ready, blocked, reserved } = await queue.counts('sidecar');
      most = Math.max(most, reserved);
      return ready + blocked + reserved === 0;
    }, TIMEOUT);
    expect(most).toBe(1);
  });
});
