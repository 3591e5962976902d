import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { join } from 'node:path';
import { QueueManager, type QueueModuleOptions } from '../../lib/index.js';
import { CountingWorker } from '../chaos/harness/counting-worker.js';
import { readRunCounts, RunCount } from '../chaos/process/run-count.js';
import { CountingJob, CountingModule } from '../chaos/process/counting.module.js';
import { closeClient } from '../support/close-client.js';
import { eventually } from '../support/eventually.js';
import { startRedis } from '../support/redis-server.js';
import { MOST_CONSUMERS, type Findings } from './breaches.js';
import type { Point } from './growth.js';
import { countLiveJobs } from '../support/live-jobs.js';

const BATCH = 500;
/** The most waiting jobs: no more are pushed until there are fewer. */
const MOST_WAITING = 10_000;
/** The number of faults, and of samples. */
const PARTS = 40;
/** The share of the jobs that counts as warm-up: samples of it do not count. */
const WARM_UP = 0.3;
/** Seconds. */
const STATUS_TTL = 2;
/** How long to wait until the queue is empty, in milliseconds. */
const DRAIN_LIMIT_MS = 60_000;

/**
 * Runs very many jobs during faults. In turn, a worker is killed and replaced, all connections are cut, and the scripts are
 * flushed. Some jobs are delayed, some fail in their first attempt. One worker survives all of this and is measured.
 *
 * @param report called with a line of progress after each fault
 */
export async function soak(jobs: number, report: (line: string) => void): Promise<Findings> {
  const server = await startRedis();
  const client = new Redis(server.url);
  const options: QueueModuleOptions = {
    driver: 'redis',
    redis: { host: server.host, port: server.port },
    statusTtl: STATUS_TTL,
    worker: { lease: 1 },
    jobs: { retryDelay: 0.1 },
  };
  const open: { stop(): Promise<unknown> }[] = [server, { stop: async () => closeClient(client) }];
  const files: string[] = [];
  const worker = async (): Promise<CountingWorker> => {
    files.push(join(server.dir, `count-${files.length}`));
    const started = await CountingWorker.start(files.at(-1)!, options);
    open.push(started);
    return started;
  };
  try {
    const app = await startProducer(options);
    open.push({ stop: () => app.close() });
    const queue = app.get(QueueManager);
    const survivor = await worker();
    let victim = await worker();
    const left = (): Promise<number> => countLiveJobs(client);
    const drained = (): Promise<unknown> =>
      eventually(async () => (await left()) === 0, { timeout: DRAIN_LIMIT_MS, interval: 50 });

    // The first batch loads all code, and opens the connections and the heartbeat thread, before the first sample.
    await queue.pushMany(
      CountingJob,
      Array.from({ length: BATCH }, (_, i) => i),
    );
    await drained();
    const keysBefore = await keysAtRest(client, (keys) => keys.length > 0);
    const before = await survivor.sample();

    const heap: Point[] = [];
    let kills = 0;
    let part = 0;
    for (let from = BATCH; from < jobs; from += BATCH) {
      const numbers = Array.from({ length: Math.min(BATCH, jobs - from) }, (_, i) => from + i);
      await queue.pushMany(CountingJob, numbers, { delay: (from / BATCH) % 4 === 0 ? 0.3 : 0 });
      await eventually(async () => (await left()) < MOST_WAITING, { timeout: DRAIN_LIMIT_MS });
      if (from < (jobs * (part + 1)) / PARTS) continue;
      part++;
      if (part % 3 === 0) {
        await victim.kill();
        kills++;
        victim = await worker();
      } else if (part % 3 === 1) {
        await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      } else {
        await client.script('FLUSH');
      }
      const sample = await survivor.sample();
      if (from > jobs * WARM_UP) heap.push({ x: from, y: sample.heap });
      report(`${from} jobs, ${kills} kills, heap ${sample.heap}, rss ${sample.rss}`);
    }
    await drained();
    const keysAfter = await keysAtRest(client, (keys) => keys.every((key) => keysBefore.includes(key)));
    const consumers = await consumersAtRest(client);
    const after = await survivor.sample();
    await Promise.all([survivor.drain(), victim.drain()]);
    return { jobs, kills, runs: readRunCounts(files, jobs), heap, before, after, keysBefore, keysAfter, consumers };
  } finally {
    for (const each of open.toReversed()) await each.stop();
  }
}

function startProducer(options: QueueModuleOptions): Promise<INestApplicationContext> {
  const module = CountingModule.of(new RunCount(), { ...options, worker: false });
  return NestFactory.createApplicationContext(module, { logger: ['error'] });
}

/** Returns the keys after the statuses have expired and the lost consumers are gone. Keys that differ only in an id count once. */
async function keysAtRest(client: Redis, isEnough: (keys: readonly string[]) => boolean): Promise<readonly string[]> {
  let keys: string[] = [];
  const look = async (): Promise<boolean> => {
    const all = await client.keys('*');
    const kinds = all.map((key) =>
      key.replace(/(?<=:(?:polls|claimed|producer|status):).+/, 'ID').replace(/(?<=:stats:)[mh]:.+/, 'TIME'),
    );
    keys = [...new Set(kinds)].toSorted();
    return !keys.includes('job:status:ID') && isEnough(keys);
  };
  // Keys that are still left at the limit go into the findings.
  await eventually(look, { timeout: DRAIN_LIMIT_MS, interval: 100 }).catch(() => undefined);
  return keys;
}

/** Counts the consumers in Redis after those of the killed workers are gone. */
async function consumersAtRest(client: Redis): Promise<number> {
  let consumers = Infinity;
  const look = async (): Promise<boolean> => {
    consumers = (await client.keys('queue:default:polls:*')).length;
    return consumers <= MOST_CONSUMERS;
  };
  await eventually(look, { timeout: DRAIN_LIMIT_MS, interval: 100 }).catch(() => undefined);
  return consumers;
}
