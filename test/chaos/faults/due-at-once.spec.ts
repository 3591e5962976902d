import { describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import type { Redis } from 'ioredis';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { QueueManager } from '../../../lib/index.js';
import { startRedis } from '../../support/redis-server.js';
import { eventually } from '../../support/eventually.js';
import { Chaos } from '../harness/chaos.js';
import { Pinger } from '../harness/pinger.js';
import { record } from '../harness/record.js';
import { sized } from '../harness/size.js';
import { CountingWorker } from '../harness/counting-worker.js';
import { readRunCounts, RunCount } from '../process/run-count.js';
import { CountingJob, CountingModule } from '../process/counting.module.js';
import { countLiveJobs } from '../../support/live-jobs.js';

const BATCH = 5_000;
const WORKERS = 2;
/** The longest wait of any other client of the server on a free machine, in milliseconds. */
const MOST_WAIT = 10;

describe('a million jobs that are due at once', () => {
  const chaos = new Chaos();

  it('run once each, and do not block other clients', async () => {
    const { jobs, delay } = sized({ short: { jobs: 50_000, delay: 3 }, long: { jobs: 1_000_000, delay: 60 } });
    await chaos.begin({
      config: ['--slowlog-log-slower-than', String(MOST_WAIT * 1_000), '--slowlog-max-len', '100000'],
    });
    // The response times of an idle server show the delay of the machine itself.
    const idle = chaos.keep(await startRedis());
    const { host, port, dir } = chaos.redis;
    const options = { driver: 'redis', redis: { host, port }, jobs: { retryDelay: 0.1 } } as const;
    const app = await NestFactory.createApplicationContext(
      CountingModule.of(new RunCount(), { ...options, worker: false }),
      {
        logger: false,
      },
    );
    chaos.keep({ stop: () => app.close() });

    const due = Date.now() + delay * 1_000;
    const at = new Date(due);
    for (let i = 0; i < jobs; i += BATCH) {
      const numbers = Array.from({ length: Math.min(BATCH, jobs - i) }, (_, j) => i + j);
      await app.get(QueueManager).pushMany(CountingJob, numbers, { delay: at });
    }
    const left = (): Promise<number> => countLiveJobs(chaos.client);
    expect(await left()).toBe(jobs);
    const pinger = chaos.keep(await Pinger.start(port, idle.port));
    const pushedSlowly = (await chaos.client.slowlog('LEN')) as number;
    await chaos.client.slowlog('RESET');
    const before = await workOf(chaos.client, chaos.redis.pid);
    const files = Array.from({ length: WORKERS }, (_, i) => join(dir, `count-${i}`));
    const workers = await Promise.all(files.map((file) => CountingWorker.start(file, options)));
    for (const worker of workers) chaos.keep(worker);
    const begun = Math.max(due, Date.now());
    await eventually(async () => (await left()) === 0, { timeout: 250_000, interval: 50 });
    const took = Date.now() - begun;
    const after = await workOf(chaos.client, chaos.redis.pid);
    const cpu = (after.cpu - before.cpu) / (after.scripts - before.scripts);
    const [pings, ofIdle] = await pinger.end();
    await Promise.all(workers.map((worker) => worker.drain()));

    const runs = readRunCounts(files, jobs);
    const lost = runs.filter((count) => count === 0).length;
    const extra = runs.filter((count) => count > 1).length;
    const slow = (await chaos.client.slowlog('GET', -1)) as [id: number, at: number, microseconds: number][];
    const slowest = Math.max(0, ...slow.map(([, , microseconds]) => microseconds / 1_000));
    record({
      fault: 'many jobs due at once',
      jobs,
      lost,
      runs: runs.reduce((sum, count) => sum + count, 0),
      extra,
      held: 0,
      refused: 0,
      recovery: took,
      also: {
        'PING p50, ms': round(pings!.p50),
        'PING p99, ms': round(pings!.p99),
        'PING max, ms': round(pings!.max),
        'p99 of an idle server, ms': round(ofIdle!.p99),
        'CPU of a script, ms': round(cpu),
        'commands over 10 ms': slow.length,
        'slowest of them, ms': round(slowest),
        'pushes over 10 ms': pushedSlowly,
      },
    });
    expect({ lost, extra }).toEqual({ lost: 0, extra: 0 });
    expect(pings!.count).toBeGreaterThan(50);
    expect(cpu).toBeLessThan(MOST_WAIT / 2);
    // A busy machine stops every server, even in the middle of a command: an idle server shows how often (0.1 ms on a free machine).
    const mostWait = MOST_WAIT * (1 + ofIdle!.p99);
    expect(pings!.p99).toBeLessThan(mostWait);
    expect(slowest).toBeLessThan(mostWait);
  });
});

interface Work {
  /** The processor time of the server, in milliseconds; 0 if the system does not have it. */
  readonly cpu: number;
  readonly scripts: number;
}

async function workOf(client: Redis, pid: number): Promise<Work> {
  const stats = await readFile(`/proc/${pid}/schedstat`, 'utf8').catch(() => '0');
  const calls = /cmdstat_evalsha:calls=(\d+)/.exec(await client.info('commandstats'));
  return { cpu: Number(stats.split(' ')[0]) / 1e6, scripts: Number(calls![1]) };
}

function round(milliseconds: number): number {
  return Number(milliseconds.toPrecision(3));
}
