import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { QueueSchedules } from 'nestjs-job-queue';
import type { Child } from '../../../support/child.js';
import { closeClient } from '../../../support/close-client.js';
import { eventually } from '../../../support/eventually.js';
import { useRedis } from '../../../support/use-redis.js';
import { startWorkers } from '../worker-processes.js';
import { PortfolioModule } from './portfolio.module.js';
import { FAST_RULES, FAST_VARIABLE, OPTIONS, RedisWorld, URL_VARIABLE } from './redis-world.js';

// It starts three processes that load all of Nest.
jest.setTimeout(90_000);

const TIMEOUT = { timeout: 40_000 };
const SECOND = 1_000;

describe('an application that gathers prices by schedules, with three worker processes of which one is killed', () => {
  const redis = useRedis();
  let client: Redis;
  let world: RedisWorld;
  let workers: Child[];
  let application: INestApplicationContext;

  beforeEach(async () => {
    client = new Redis(redis.url);
    await client.flushall();
    world = new RedisWorld(client);
    const options = { ...OPTIONS, redis: { url: redis.url }, worker: false as const };
    application = await NestFactory.createApplicationContext(
      PortfolioModule.of(options, world, world, [], FAST_RULES),
      {
        logger: false,
      },
    );
    workers = await startWorkers(3, 'portfolio/worker-main.ts', { [URL_VARIABLE]: redis.url, [FAST_VARIABLE]: '1' });
  });
  afterEach(async () => {
    await application.close();
    await Promise.all(workers.map(async (worker) => worker.stop()));
    closeClient(client);
  });

  test('gathers once at each time', async () => {
    const runsOf = async (name: string): Promise<number[]> =>
      (await world.runs()).flatMap(({ schedule, time }) => (schedule === name ? time : [])).toSorted((a, b) => a - b);
    await eventually(async () => (await runsOf('hourly')).length >= 3, TIMEOUT);
    const killed = workers[0]!;
    killed.kill('SIGKILL');
    const before = await world.now();
    await eventually(async () => ((await runsOf('hourly')).at(-1) ?? 0) > before + 3 * SECOND, TIMEOUT);

    const schedules = application.get(QueueSchedules);
    const names = (await schedules.list()).map(({ name }) => name);
    expect(names).toEqual(['hourly', 'some minute', 'weekly']);
    for (const [name, distance] of [
      ['hourly', SECOND],
      ['weekly', 2 * SECOND],
      ['some minute', 2 * SECOND],
    ] as const) {
      await schedules.pause(name);
      const { last, runs } = (await schedules.get(name))!;
      await eventually(async () => (await runsOf(name)).at(-1) === last!.time.getTime(), TIMEOUT);
      const times = await runsOf(name);
      // A job that the killed worker had begun runs once more.
      const once = [...new Set(times)];
      expect(times.length - once.length).toBeLessThanOrEqual(1);
      expect(once).toHaveLength(runs);
      expect(once).toEqual(once.map((_, at) => once[0]! + at * distance));
    }
    expect((await world.runs()).filter(({ pid, time }) => pid === killed.pid && time > before + SECOND)).toEqual([]);
  });
});
