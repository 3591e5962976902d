import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ClaimedJob, PollResult, QueueConsumer, Settlement } from '../../../lib/drivers/queue-driver.interface.js';
import type { StartLimits } from '../../../lib/drivers/queue-limits.interface.js';
import type { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import { claim, numbered, settlement } from '../../contract/scene.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { CLOCK_KEY, SCRIPT_TIME } from '../../support/redis-clock.js';
import { useRedis } from '../../support/use-redis.js';

const QUEUE = 'mail';
const LEASE = 30;
const DAY = 86_400_000;

describe('the limits of a queue in Redis', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  /** The clock of the server, in microseconds. */
  let us = 0;

  const setTime = async (microseconds: number): Promise<void> => {
    us = microseconds;
    await redis.client.set(CLOCK_KEY, (us / 1000).toFixed(3));
  };
  const pass = (microseconds: number): Promise<void> => setTime(us + microseconds);
  const connect = (limits: StartLimits): Promise<RedisDriver> =>
    drivers.connect({
      redis: { url: redis.url },
      limits: () => limits,
      scriptTime: SCRIPT_TIME,
      clock: new FakeClock(),
    });
  const consume = (driver: RedisDriver): QueueConsumer =>
    driver.consume(QUEUE, { lease: LEASE, onLost: () => undefined });
  const push = (driver: RedisDriver, count: number, prefix = 'job'): Promise<unknown> =>
    driver.push(
      QUEUE,
      numbered(count, prefix).map((id) => ({ id, body: '', delay: 0 })),
      false,
    );
  const countOf = async (consumer: QueueConsumer, limit = 100): Promise<number> =>
    (await claim(consumer, limit)).length;

  beforeEach(() => setTime(Date.UTC(2026, 0, 1) * 1000));

  describe('its window', () => {
    it('is exact to the microsecond', async () => {
      const driver = await connect({ rateLimit: { max: 2, per: 0.02 } });
      const consumer = consume(driver);
      await push(driver, 10);
      await pass(999);
      expect(await countOf(consumer, 1)).toBe(1);
      await pass(7);
      expect(await countOf(consumer, 1)).toBe(1);
      await pass(19_992);
      expect(await countOf(consumer)).toBe(0);
      await pass(1);
      expect(await countOf(consumer)).toBe(1);
      await pass(6);
      expect(await countOf(consumer)).toBe(0);
      await pass(1);
      expect(await countOf(consumer)).toBe(1);
    });

    it('holds when the clock of the server is set back, and does not wait until the clock has caught up', async () => {
      const driver = await connect({ rateLimit: { max: 3, per: 10 } });
      const consumer = consume(driver);
      await push(driver, 20);
      await countOf(consumer, 2);
      await pass(4_000_000);
      await countOf(consumer, 1);
      await pass(-3_600_000_000);
      const blocked = await consumer.poll({ settlements: [], limit: 1, recovered: false });
      // The first two were started four seconds before the last sign of the old clock.
      expect(blocked).toMatchObject({ jobs: [], nextDue: 6_000 });
      await pass(5_999_999);
      expect(await countOf(consumer)).toBe(0);
      await pass(1);
      expect(await countOf(consumer)).toBe(2);
      await pass(3_999_999);
      expect(await countOf(consumer)).toBe(0);
      await pass(1);
      expect(await countOf(consumer)).toBe(1);
    });

    it('keeps no more starts than it needs, and none for ever', async () => {
      const driver = await connect({ rateLimit: { max: 50, per: 1 } });
      const consumer = consume(driver);
      await push(driver, 500);
      for (let i = 0; i < 10; i++) {
        expect(await countOf(consumer)).toBe(50);
        expect(await redis.client.llen(`queue:${QUEUE}:starts`)).toBe(50);
        await pass(1_000_000);
      }
      const left = await redis.client.pttl(`queue:${QUEUE}:starts`);
      expect(left).toBeGreaterThan(50_000);
      expect(left).toBeLessThanOrEqual(61_000);
    });
  });

  describe('workers that disagree', () => {
    it('obey the smaller limit as long as a worker that has it lives', async () => {
      const [small, large] = [await connect({ concurrency: 2 }), await connect({ concurrency: 5 })];
      await push(large, 20);
      const [a, b] = [consume(small), consume(large)];
      await a.poll({ settlements: [], limit: 0, recovered: false });
      expect(await countOf(b)).toBe(2);
      expect(await large.counts(QUEUE)).toMatchObject({ ready: 0, blocked: 18, reserved: 2 });
      await a.close();
      expect(await large.counts(QUEUE)).toMatchObject({ ready: 18, blocked: 0, reserved: 2 });
      expect(await countOf(b)).toBe(3);
      expect(await countOf(consume(small))).toBe(0);
    });

    it('obey it until its lease has run out, if it was killed', async () => {
      const [small, large] = [await connect({ concurrency: 2 }), await connect({ concurrency: 5 })];
      await push(large, 20);
      const b = consume(large);
      await consume(small).poll({ settlements: [], limit: 0, recovered: false });
      for (let seconds = 0; seconds < LEASE; seconds += 5) {
        expect((await claim(b)).length + seconds).toBe(seconds === 0 ? 2 : seconds);
        await pass(5_000_000);
      }
      expect(await countOf(b)).toBe(3);
    });

    it('obey the slower rate', async () => {
      const slow = await connect({ rateLimit: { max: 2, per: 1 } });
      const fast = await connect({ rateLimit: { max: 100, per: 10 } });
      await push(fast, 50);
      const b = consume(fast);
      const a = consume(slow);
      await a.poll({ settlements: [], limit: 0, recovered: false });
      expect(await countOf(b)).toBe(2);
      await a.close();
      expect(await countOf(b)).toBe(48);
    });

    it('obey a limit that only one of them has, and the jobs count that were claimed before', async () => {
      const [without, limited] = [await connect({}), await connect({ concurrency: 4 })];
      await push(limited, 20);
      const [a, b] = [consume(without), consume(limited)];
      const [first] = await claim(a, 3);
      expect(await countOf(b)).toBe(1);
      expect(await a.poll({ settlements: [], limit: 5, recovered: false })).toMatchObject({ jobs: [], limited: true });
      expect(await a.poll({ settlements: [settlement.complete(first!)], limit: 5, recovered: false })).toMatchObject({
        jobs: [expect.anything()],
        more: false,
      });
    });

    it('forget what they shared when nobody has a limit any more', async () => {
      const [without, limited] = [await connect({}), await connect({ concurrency: 1, rateLimit: { max: 1, per: 1 } })];
      await push(limited, 20);
      const [a, b] = [consume(without), consume(limited)];
      await b.poll({ settlements: [], limit: 0, recovered: false });
      expect(await countOf(a)).toBe(1);
      await b.close();
      expect(await countOf(a)).toBe(19);
      expect(await redis.client.exists(`queue:${QUEUE}:limits`)).toBe(0);
      expect(await redis.client.hget(`queue:${QUEUE}:meta`, 'limits')).toBe('0');
    });

    it('know the limit again after the short memory of the queue was lost', async () => {
      const [without, limited] = [await connect({}), await connect({ concurrency: 1 })];
      await push(limited, 20);
      await consume(limited).poll({ settlements: [], limit: 0, recovered: false });
      await redis.client.del(`queue:${QUEUE}:meta`);
      expect(await countOf(consume(without))).toBe(1);
      expect(await redis.client.pttl(`queue:${QUEUE}:limits`)).toBeGreaterThan(DAY - 60_000);
    });
  });

  it('cost a queue without limits no command', async () => {
    const driver = await connect({});
    const consumer = consume(driver);
    await push(driver, 10);
    await claim(consumer, 1);
    const monitor = await redis.client.monitor();
    const lines: string[] = [];
    monitor.on('monitor', (_time: string, args: string[]) => lines.push(args.join(' ').toLowerCase()));
    for (let i = 0; i < 3; i++) await claim(consumer, 1);
    await driver.ping();
    monitor.disconnect();
    const calls = lines.filter((line) => !line.startsWith('evalsha'));
    expect(calls.filter((line) => /:(limits|starts)/.test(line))).toEqual([]);
    expect(calls.filter((line) => line.startsWith('lpop')).length).toBe(3);
  });

  describe('hold, whatever happens', () => {
    const anyLimits = fc.constantFrom<StartLimits>(
      { concurrency: 2 },
      { rateLimit: { max: 3, per: 1 } },
      { rateLimit: { max: 7, per: 0.05 } },
      { concurrency: 4, rateLimit: { max: 5, per: 0.5 } },
    );
    const who = fc.nat(2);
    const step = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('push' as const), count: fc.integer({ min: 1, max: 6 }) }),
      },
      {
        weight: 6,
        arbitrary: fc.record({ kind: fc.constant('claim' as const), who, limit: fc.integer({ min: 1, max: 5 }) }),
      },
      {
        weight: 6,
        arbitrary: fc.record({
          kind: fc.constant('settle' as const),
          who,
          count: fc.integer({ min: 1, max: 3 }),
          how: fc.constantFrom('complete', 'fail', 'retry', 'release', 'front', 'unstarted'),
          limit: fc.nat(3),
        }),
      },
      {
        weight: 5,
        arbitrary: fc.record({
          kind: fc.constant('pass' as const),
          us: fc.constantFrom(1, 10, 499, 1_000, 12_345, 49_999, 50_000, 100_001, 333_333, 999_999),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('die' as const), who }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('retry failed' as const) }) },
      {
        weight: 1,
        arbitrary: fc.record({
          kind: fc.constant('set back' as const),
          us: fc.constantFrom(1, 700, 40_000, 3_000_000),
        }),
      },
    );

    it('never start too many jobs, and start each as soon as they may', async () => {
      await fc.assert(
        fc.asyncProperty(
          anyLimits,
          fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }),
          async (each, steps) => {
            await redis.client.flushdb();
            await setTime(Date.UTC(2026, 0, 1) * 1000);
            const driver = await connect(each);
            try {
              await new Trial(driver, each, consume, pass).run(steps);
            } finally {
              await driver.close();
            }
          },
        ),
        {
          numRuns: Number(process.env['LIMITS_RUNS'] ?? 25),
          ...(process.env['LIMITS_SEED'] !== undefined && { seed: Number(process.env['LIMITS_SEED']) }),
          // A failure is reported at once: to shrink it takes longer than the test may.
          endOnFailure: true,
        },
      );
    }, 120_000);

    type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

    /** Lets three consumers work a queue, and checks each claim against all starts so far. */
    class Trial {
      private readonly consumers: QueueConsumer[];
      private readonly held: ClaimedJob[][] = [[], [], []];
      /** The jobs of consumers that have died, until they are recovered. */
      private readonly orphans = new Map<string, ClaimedJob>();
      /** The time that has passed, whatever the clock of the server says, in microseconds. */
      private elapsed = 0;
      private readonly starts: { readonly id: string; readonly at: number }[] = [];
      private pushed = 0;

      constructor(
        private readonly driver: RedisDriver,
        private readonly limits: StartLimits,
        private readonly open: (driver: RedisDriver) => QueueConsumer,
        private readonly passTime: (microseconds: number) => Promise<void>,
      ) {
        this.consumers = [0, 1, 2].map(() => open(driver));
      }

      async run(steps: readonly Step[]): Promise<void> {
        for (const each of steps) await this.take(each);
        await this.drain();
      }

      private async take(each: Step): Promise<void> {
        switch (each.kind) {
          case 'push':
            return void (await push(this.driver, each.count, `p${this.pushed++}`));
          case 'claim':
            return void (await this.poll(each.who, [], each.limit));
          case 'settle': {
            const ending = this.held[each.who]!.splice(0, each.count).map((job) => this.end(job, each.how));
            return void (await this.poll(each.who, ending, each.limit));
          }
          case 'pass':
            return this.advance(each.us);
          case 'die':
            for (const job of this.held[each.who]!.splice(0)) this.orphans.set(job.id, job);
            this.consumers[each.who] = this.open(this.driver);
            return;
          case 'cancel': {
            const { jobs } = await this.driver.cancellations.live(QUEUE, { limit: 3, headers: false });
            for (const { id } of jobs) await this.driver.cancellations.cancel(id);
            return;
          }
          case 'clear':
            return void (await this.driver.clear(QUEUE));
          case 'retry failed': {
            const { jobs } = await this.driver.mending.failed(QUEUE, { limit: 5, headers: false });
            return void (await this.driver.mending.retry(
              QUEUE,
              jobs.map(({ id }) => id),
            ));
          }
          case 'set back':
            return this.passTime(-each.us);
        }
      }

      private end(job: ClaimedJob, how: string): Settlement {
        switch (how) {
          case 'complete':
            return settlement.complete(job);
          case 'fail':
            return settlement.fail(job);
          case 'retry':
            return settlement.retry(job);
          case 'release':
            return settlement.release(job);
          case 'front':
            return settlement.release(job, { position: 'front' });
          default:
            this.starts.splice(
              this.starts.findLastIndex(({ id }) => id === job.id),
              1,
            );
            return settlement.release(job, { position: 'front', unstarted: true });
        }
      }

      private async advance(microseconds: number): Promise<void> {
        this.elapsed += microseconds;
        await this.passTime(microseconds);
      }

      private async poll(index: number, settlements: Settlement[], limit: number): Promise<PollResult> {
        const result = await this.consumers[index]!.poll({ settlements, limit, recovered: true });
        for (const { id } of result.takenOver) {
          this.orphans.delete(id);
          for (const jobs of this.held) {
            const at = jobs.findIndex((job) => job.id === id);
            if (at >= 0) jobs.splice(at, 1);
          }
        }
        this.held[index]!.push(...result.jobs);
        for (const { id } of result.jobs) this.starts.push({ id, at: this.elapsed });
        this.check();
        return result;
      }

      private check(): void {
        const { concurrency = Infinity, rateLimit } = this.limits;
        expect(this.held.flat().length + this.orphans.size).toBeLessThanOrEqual(concurrency);
        if (!rateLimit) return;
        const { max, per } = rateLimit;
        const last = this.starts.at(-1)?.at ?? 0;
        // The start that is so many places before the last one has left the window.
        const before = this.starts.at(-1 - max);
        if (before) expect(last - before.at).toBeGreaterThanOrEqual(per * 1_000_000);
      }

      /** Returns when the first lease ends that is not prolonged, in milliseconds on the clock of the server. */
      private async firstLeaseEnd(): Promise<number> {
        const [, end] = await redis.client.zrange(`queue:${QUEUE}:consumers`, '0', '0', 'WITHSCORES');
        return Number(end);
      }

      /** Works all jobs. Goes on at the time that the storage told, and not before. */
      private async drain(): Promise<void> {
        for (let polls = 0; ; polls++) {
          expect(polls).toBeLessThan(3_000);
          const before = this.starts.length;
          const index = polls % 3;
          const ending = this.held[index]!.splice(0).map((job) => settlement.complete(job));
          const { nextDue, more, recovered, blocked } = await this.poll(index, ending, 3);
          const { ready, delayed, reserved } = await this.driver.counts(QUEUE);
          if (ready + delayed + reserved === 0) return;
          if (more || recovered || this.starts.length > before || this.held.flat().length > 0) continue;
          // Nobody runs a job: only the time, or the lease of a dead consumer, is waited for.
          expect({ nextDue, blocked: blocked || ready === 0 }).toEqual({ nextDue: expect.any(Number), blocked: true });
          const end = await this.firstLeaseEnd();
          await this.advance(nextDue! * 1000);
          // The storage also names the time when the lease of another consumer ends, although that one holds no job.
          if (this.orphans.size === 0 && ready > 0 && end * 1000 > us) {
            const started = (await this.poll((polls + 1) % 3, [], 1)).jobs.length;
            expect(started).toBe(1);
          }
        }
      }
    }
  });
});
