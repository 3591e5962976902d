import { describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { join } from 'node:path';
import { QueueManager } from '../../../lib/index.js';
import { startRedis } from '../../support/redis-server.js';
import { eventually } from '../../support/eventually.js';
import { Chaos } from '../harness/chaos.js';
import { Pinger } from '../harness/pinger.js';
import { record } from '../harness/record.js';
import { sized } from '../harness/size.js';
import { TallyWorker } from '../harness/tally-worker.js';
import { readTallies, Tally } from '../process/tally.js';
import { TallyJob, TallyModule } from '../process/tally.module.js';

const BATCH = 5_000;
const WORKERS = 2;
/** What every other client of the server may have to wait for an answer, in milliseconds. */
const MOST_WAIT = 10;

describe('jobs by the million that are due at once', () => {
  const chaos = new Chaos();

  it('are all run, once, and hold no other client up', async () => {
    const { jobs, delay } = sized({ short: { jobs: 50_000, delay: 3 }, long: { jobs: 1_000_000, delay: 60 } });
    await chaos.begin({ config: ['--slowlog-log-slower-than', String(MOST_WAIT * 1_000)] });
    // One that has nothing to do shows what the machine itself adds.
    const idle = chaos.keep(await startRedis());
    const { host, port, dir } = chaos.redis;
    const options = { driver: 'redis', redis: { host, port }, jobs: { retryDelay: 0.1 } } as const;
    const app = await NestFactory.createApplicationContext(TallyModule.of(new Tally(), { ...options, worker: false }), {
      logger: false,
    });
    chaos.keep({ stop: () => app.close() });

    const due = Date.now() + delay * 1_000;
    const at = new Date(due);
    for (let i = 0; i < jobs; i += BATCH) {
      const numbers = Array.from({ length: Math.min(BATCH, jobs - i) }, (_, j) => i + j);
      await app.get(QueueManager).pushMany(TallyJob, numbers, { delay: at });
    }
    const left = (): Promise<number> => chaos.client.hlen('queue:default:jobs');
    expect(await left()).toBe(jobs);
    const pinger = chaos.keep(await Pinger.start(port, idle.port));
    const files = Array.from({ length: WORKERS }, (_, i) => join(dir, `tally-${i}`));
    const workers = await Promise.all(files.map((file) => TallyWorker.start(file, options)));
    for (const worker of workers) chaos.keep(worker);
    const begun = Math.max(due, Date.now());
    await eventually(async () => (await left()) === 0, { timeout: 250_000, interval: 50 });
    const took = Date.now() - begun;
    const [pings, ofIdle] = await pinger.end();
    await Promise.all(workers.map((worker) => worker.drain()));

    const runs = readTallies(files, jobs);
    const lost = runs.filter((count) => count === 0).length;
    const extra = runs.filter((count) => count > 1).length;
    const slow = (await chaos.client.slowlog('LEN')) as number;
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
        'commands over 10 ms': slow,
      },
    });
    expect({ lost, extra }).toEqual({ lost: 0, extra: 0 });
    expect(pings!.count).toBeGreaterThan(50);
    // A machine with too much to do lets every server wait, and stops them in the middle of a command.
    expect(pings!.p99).toBeLessThan(Math.max(MOST_WAIT, 2 * ofIdle!.p99));
    if (ofIdle!.p99 < MOST_WAIT / 4) expect(slow).toBe(0);
  });
});

function round(milliseconds: number): number {
  return Number(milliseconds.toPrecision(3));
}
