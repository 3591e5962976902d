import { describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import { Chaos } from '../harness/chaos.js';
import { Rounds } from '../harness/rounds.js';
import { sized } from '../harness/size.js';
import { FlakyJob, QuickJob, SlowJob } from '../process/jobs.js';
import { countLiveJobs } from '../../support/live-jobs.js';

/** Seconds. */
const LEASE = 1;
const WORKERS = 2;
/** Each worker has ten slots. */
const LONG_JOBS = WORKERS * 10 - 1;
/** The free memory of the server at the start of a round, in bytes. */
const ROOM = 3_000_000;

describe('a server that is full again and again', () => {
  const chaos = new Chaos();

  it('refuses pushes, but still lets workers claim and settle', async () => {
    const { rounds, jobs } = sized({ short: { rounds: 1, jobs: 60 }, long: { rounds: 12, jobs: 1_500 } });
    await chaos.begin({
      config: ['--maxmemory-policy', 'noeviction'],
      worker: { lease: LEASE },
      queue: { jobs: { retryDelay: 0.1 } },
    });
    const { client, producer } = chaos;
    const left = (): Promise<number> => countLiveJobs(client);
    await chaos.workers(WORKERS);

    let worked = 0;
    for (let round = 1; round <= rounds; round++) {
      // The statuses of earlier rounds still take memory.
      const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))![1]);
      await client.config('SET', 'maxmemory', String(used + ROOM));
      // These jobs take all slots but one for longer than a lease, so that only heartbeats prolong the lease.
      await producer.pushMany(SlowJob, Array<number>(LONG_JOBS).fill(LEASE * 2_500));
      await chaos.held(LONG_JOBS);
      await producer.pushMany(
        FlakyJob,
        Array.from({ length: 20 }, (_, i) => i % 3),
      );
      await producer.pushMany(
        SlowJob,
        Array.from({ length: jobs }, (_, i) => i % 30),
      );
      const ballast = new Ballast(client);
      await ballast.fills();
      const load = Rounds.start(() => producer.pushMany(QuickJob, [1, 2, 3]));
      const fullSince = Date.now();
      const before = await left();
      const longEnough = (): boolean => Date.now() - fullSince > LEASE * 1_500;
      await eventually(async () => longEnough() && (await left()) < before / 2, { timeout: 30_000 });
      worked += before - (await left());
      await load.stop();
      await ballast.drop();
      await producer.push(QuickJob, round);
    }
    await chaos.drained();

    const refusals = (await chaos.histories())['test']!.filter((event) => event.type === 'push-refused');
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['ERR_STORAGE_FULL']));
    expect(refusals.length).toBeGreaterThan(rounds * 5);
    const also = { 'times full': rounds, 'pushes refused': refusals.length, 'worked while full': worked };
    const { figures } = await chaos.expectAllWell({ fault: 'maxmemory reached again and again', also });
    expect(figures).toMatchObject({ lost: 0, extra: 0, refused: 0 });
  });
});

/** Fills the free memory of a server, and keeps it full. */
class Ballast {
  private readonly filling: Promise<void>;
  private dropped = false;
  private full = false;
  private key = 0;

  constructor(private readonly client: Redis) {
    this.filling = this.run();
    this.filling.catch(() => undefined);
  }

  /** Resolves when the memory is full. */
  async fills(): Promise<void> {
    await eventually(() => this.full);
  }

  async drop(): Promise<void> {
    this.dropped = true;
    await this.filling;
    const keys = Array.from({ length: this.key }, (_, i) => `ballast:${i}`);
    for (let i = 0; i < keys.length; i += 500) await this.client.unlink(...keys.slice(i, i + 500));
  }

  private async run(): Promise<void> {
    while (!this.dropped) {
      try {
        await this.client.set(`ballast:${this.key}`, 'x'.repeat(4_000));
        this.key++;
      } catch (error) {
        if (!(error as Error).message.startsWith('OOM')) throw error;
        this.full = true;
        await pause(2);
      }
    }
  }
}
