import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ClaimedJob, PollResult, QueueConsumer, Settlement } from '../../../lib/drivers/queue-driver.interface.js';
import type { GroupLimits } from '../../../lib/drivers/queue-limits.interface.js';
import type { RedisDriver } from '../../../lib/drivers/redis/redis.driver.js';
import { claim, idsOf, settlement } from '../../contract/scene.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { CLOCK_KEY, SCRIPT_TIME } from '../../support/redis-clock.js';
import { useRedis } from '../../support/use-redis.js';

const QUEUE = 'mail';
const LEASE = 30;

describe('groups in Redis', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  /** The clock of the server, in microseconds. */
  let us = 0;

  const setTime = async (microseconds: number): Promise<void> => {
    us = microseconds;
    await redis.client.set(CLOCK_KEY, (us / 1000).toFixed(3));
  };
  const pass = (microseconds: number): Promise<void> => setTime(us + microseconds);
  const connect = (groups: GroupLimits = {}): Promise<RedisDriver> =>
    drivers.connect({
      redis: { url: redis.url },
      limits: () => (Object.keys(groups).length > 0 ? { groups } : {}),
      scriptTime: SCRIPT_TIME,
      clock: new FakeClock(),
    });
  const consume = (driver: RedisDriver): QueueConsumer =>
    driver.consume(QUEUE, { lease: LEASE, onLost: () => undefined });
  /** Pushes jobs whose ids begin with their groups: `a-1`. */
  const push = (driver: RedisDriver, ids: readonly string[]): Promise<unknown> =>
    driver.push(
      QUEUE,
      ids.map((id) => ({ id, body: '', delay: 0, isGenerated: true, traits: { group: groupOf(id) } })),
      true,
    );
  const poll = (consumer: QueueConsumer, limit = 100, ...settlements: Settlement[]): Promise<PollResult> =>
    consumer.poll({ settlements, limit, recovered: true });
  const keysLeft = (): Promise<string[]> => redis.client.keys('queue:mail:g*');

  beforeEach(() => setTime(Date.UTC(2026, 0, 1) * 1000));

  it('are hash tables from their birth, and go with the last job', async () => {
    const driver = await connect();
    await push(driver, ['a-1', 'b-1', 'b-2']);
    expect(await redis.client.object('ENCODING', 'queue:mail:groups')).toBe('hashtable');
    const consumer = consume(driver);
    const jobs = await claim(consumer, 3);
    expect(idsOf(jobs)).toEqual(['a-1', 'b-1', 'b-2']);
    await poll(consumer, 0, ...jobs.map((job) => settlement.complete(job)));
    expect(await keysLeft()).toEqual([]);
    expect(await redis.client.exists('queue:mail:ring')).toBe(0);
  });

  it('cost a queue without traits no command, and one with them a single read', async () => {
    const driver = await connect();
    const consumer = consume(driver);
    const read = async (): Promise<string[]> => {
      const monitor = await redis.client.monitor();
      const lines: string[] = [];
      monitor.on('monitor', (_time: string, args: string[]) => lines.push(args.join(' ').toLowerCase()));
      await poll(consumer, 1);
      await driver.ping();
      monitor.disconnect();
      return lines.filter((line) => !line.startsWith('evalsha') && /:(groups|ring|gates|windows|g:)/.test(line));
    };
    await driver.push(QUEUE, [{ id: 'plain', body: '', delay: 0 }], false);
    await poll(consumer, 0);
    expect(await read()).toEqual([]);
    const ranked = { id: 'ranked', body: '', delay: 0, isGenerated: true, traits: { priority: 1 } } as const;
    await driver.push(QUEUE, [ranked], true);
    expect(await read()).toEqual([]);
    const traits = { unique: { key: 'a', until: 'end' } } as const;
    await driver.push(QUEUE, [{ ...ranked, id: 'unique', traits }], true);
    expect(await read()).toHaveLength(1);
  });

  it('set no marker for a push that may not start', async () => {
    const driver = await connect({ concurrency: 1 });
    const consumer = consume(driver);
    await push(driver, ['a-1', 'a-2']);
    const [job] = await claim(consumer, 5);
    await push(driver, ['a-3']);
    expect(await redis.client.exists('queue:mail:marker')).toBe(0);
    expect(await driver.counts(QUEUE)).toMatchObject({ ready: 0, blocked: 2, reserved: 1 });
    await push(driver, ['a-4', 'b-1']);
    expect(await redis.client.exists('queue:mail:marker')).toBe(1);
    expect(await poll(consumer, 5)).toMatchObject({ jobs: [{ id: 'b-1' }], more: false, blocked: true });
    expect(await redis.client.exists('queue:mail:marker')).toBe(0);
    await poll(consumer, 0, settlement.complete(job!));
    expect(await redis.client.exists('queue:mail:marker')).toBe(1);
  });

  it('have windows that are exact to the microsecond', async () => {
    const driver = await connect({ rateLimit: { max: 2, per: 0.02 } });
    const consumer = consume(driver);
    await push(driver, ['a-1', 'a-2', 'a-3', 'b-1', 'a-4']);
    expect(idsOf(await claim(consumer, 1))).toEqual(['a-1']);
    await pass(7);
    expect(idsOf(await claim(consumer))).toEqual(['b-1', 'a-2']);
    await pass(19_992);
    expect(await poll(consumer)).toMatchObject({ jobs: [], nextDue: 1, blocked: true });
    await pass(1);
    expect(idsOf(await claim(consumer))).toEqual(['a-3']);
    await pass(6);
    expect(idsOf(await claim(consumer))).toEqual([]);
    await pass(1);
    expect(idsOf(await claim(consumer))).toEqual(['a-4']);
  });

  it('do not wait for a clock that was set back', async () => {
    const driver = await connect({ rateLimit: { max: 1, per: 10 } });
    const consumer = consume(driver);
    await push(driver, ['a-1', 'a-2']);
    expect(idsOf(await claim(consumer))).toEqual(['a-1']);
    await pass(-3_600_000_000);
    expect(await poll(consumer)).toMatchObject({ jobs: [] });
    await pass(10_000_000);
    expect(idsOf(await claim(consumer))).toEqual(['a-2']);
  });

  it('obey the smaller limit of workers that disagree, as long as one that has it lives', async () => {
    const [small, large] = [await connect({ concurrency: 1 }), await connect({ concurrency: 3 })];
    await push(large, ['a-1', 'a-2', 'a-3', 'a-4']);
    const [a, b] = [consume(small), consume(large)];
    await poll(a, 0);
    expect(idsOf(await claim(b))).toEqual(['a-1']);
    await a.close();
    expect(idsOf(await claim(b))).toEqual(['a-2', 'a-3']);
    expect(await large.limits.read(QUEUE)).toMatchObject({ limits: { groups: { concurrency: 3 } }, isSet: false });
  });

  it('go on by and by when their limits are taken back, however many they are', async () => {
    const driver = await connect({ concurrency: 1 });
    const consumer = consume(driver);
    const names = Array.from({ length: 1_200 }, (_, i) => `g${i}`);
    for (const name of ['1', '2']) {
      for (let at = 0; at < names.length; at += 300) {
        await push(
          driver,
          names.slice(at, at + 300).map((group) => `${group}-${name}`),
        );
      }
    }
    let running = 0;
    for (let i = 0; i < 5; i++) running += (await claim(consumer, 300)).length;
    expect(running).toBe(1_200);
    expect(await driver.counts(QUEUE)).toMatchObject({ ready: 0, blocked: 1_200 });
    await driver.limits.set(QUEUE, {});
    let polls = 0;
    while (running < 2_400 && polls++ < 20) running += (await claim(consumer, 300)).length;
    expect(running).toBe(2_400);
    expect(await driver.counts(QUEUE)).toMatchObject({ ready: 0, blocked: 0, reserved: 2_400 });
  });

  it('hold their order through retries, releases and crashes, if they are ordered', async () => {
    const driver = await connect({ concurrency: 1, ordered: true });
    const consumer = consume(driver);
    await push(driver, ['a-1', 'a-2', 'b-1']);
    const [a, b] = await claim(consumer);
    expect(idsOf([a!, b!])).toEqual(['a-1', 'b-1']);
    const later = settlement.retry(a!, { delay: 10 });
    expect(await poll(consumer, 5, later)).toMatchObject({ jobs: [], more: false, blocked: true });
    expect(await driver.counts(QUEUE)).toMatchObject({ ready: 0, blocked: 1, delayed: 1, reserved: 1 });
    await pass(10_000_000);
    const [again] = await claim(consumer);
    expect(again).toMatchObject({ id: 'a-1', attempt: 2 });
    const [front] = (await poll(consumer, 5, settlement.retry(again!))).jobs;
    expect(front).toMatchObject({ id: 'a-1', attempt: 3 });
    expect(await poll(consumer, 5, settlement.retry(front!, { delay: 60 }))).toMatchObject({ jobs: [] });
    await driver.cancellations.cancel('a-1');
    expect(await redis.client.exists('queue:mail:marker')).toBe(1);
    const [next] = await claim(consumer);
    expect(next).toMatchObject({ id: 'a-2' });
    await poll(consumer, 0, settlement.complete(next!), settlement.complete(b!));
    expect(await keysLeft()).toEqual([]);
  });

  it('leave nothing of their windows with a removed queue', async () => {
    const driver = await connect({ rateLimit: { max: 1, per: 3_600 } });
    const consumer = consume(driver);
    await push(driver, ['a-1', 'a-2', 'b-1']);
    const jobs = await claim(consumer);
    await poll(consumer, 0, ...jobs.map((job) => settlement.complete(job)));
    await driver.mending.obliterate(QUEUE);
    expect(await redis.client.keys('queue:mail:starts*')).toEqual([]);
    await push(driver, ['a-3']);
    expect(idsOf(await claim(consumer))).toEqual(['a-3']);
  });

  describe('keep their limits, whatever happens', () => {
    const anyLimits = fc.constantFrom<GroupLimits>(
      {},
      { concurrency: 1 },
      { concurrency: 2 },
      { rateLimit: { max: 2, per: 1 } },
      { rateLimit: { max: 3, per: 0.05 } },
      { concurrency: 2, rateLimit: { max: 3, per: 0.5 } },
      { concurrency: 1, ordered: true },
      { concurrency: 1, ordered: true },
      { concurrency: 1, rateLimit: { max: 2, per: 0.5 }, ordered: true },
    );
    const who = fc.nat(2);
    const group = fc.constantFrom('a', 'b', 'c');
    const step = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({
          kind: fc.constant('push' as const),
          groups: fc.array(group, { minLength: 1, maxLength: 6 }),
        }),
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
          how: fc.constantFrom('complete', 'fail', 'retry', 'retry later', 'release', 'front', 'unstarted'),
          limit: fc.nat(3),
        }),
      },
      {
        weight: 5,
        arbitrary: fc.record({
          kind: fc.constant('pass' as const),
          us: fc.constantFrom(1, 499, 1_000, 12_345, 49_999, 50_000, 333_333, 999_999),
        }),
      },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('die' as const), who }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
    );
    type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

    it('never start too many jobs, forget none, and leave nothing', async () => {
      await fc.assert(
        fc.asyncProperty(
          anyLimits,
          fc.array(step, { minLength: 20, maxLength: 60, size: 'max' }),
          async (limits, steps) => {
            await redis.client.flushdb();
            await setTime(Date.UTC(2026, 0, 1) * 1000);
            const driver = await connect(limits);
            try {
              const trial = new Trial(driver, limits);
              for (const each of steps) await trial.take(each);
              await trial.drain();
              expect(await keysLeft()).toEqual([]);
              expect(await redis.client.exists('queue:mail:ring', 'queue:mail:gates')).toBe(0);
            } finally {
              await driver.close();
            }
          },
        ),
        {
          numRuns: Number(process.env['GROUPS_RUNS'] ?? 20),
          ...(process.env['GROUPS_SEED'] !== undefined && { seed: Number(process.env['GROUPS_SEED']) }),
          // A failure is reported at once: to shrink it takes longer than the test may.
          endOnFailure: true,
        },
      );
    }, 240_000);

    /** Lets three consumers work a queue, and checks each claim against all that were before. */
    class Trial {
      private readonly consumers: QueueConsumer[];
      private readonly held: ClaimedJob[][] = [[], [], []];
      /** The jobs of consumers that have died, until they are recovered. */
      private readonly orphans = new Set<string>();
      private readonly starts: { readonly id: string; readonly at: number }[] = [];
      private pushed = 0;
      /** The jobs that have started, and not ended. */
      private readonly begun = new Set<string>();

      constructor(
        private readonly driver: RedisDriver,
        private readonly limits: GroupLimits,
      ) {
        this.consumers = [0, 1, 2].map(() => consume(driver));
      }

      async take(each: Step): Promise<void> {
        switch (each.kind) {
          case 'push':
            await push(
              this.driver,
              each.groups.map((name) => `${name}-${this.pushed++}`),
            );
            return;
          case 'claim':
            return this.poll(each.who, [], each.limit);
          case 'settle': {
            const jobs = this.held[each.who]!.splice(0, each.count);
            return this.poll(
              each.who,
              jobs.map((job) => this.end(job, each.how)),
              each.limit,
            );
          }
          case 'pass':
            return pass(each.us);
          case 'die':
            for (const { id } of this.held[each.who]!.splice(0)) this.orphans.add(id);
            this.consumers[each.who] = consume(this.driver);
            return;
          case 'cancel': {
            const { jobs } = await this.driver.cancellations.live(QUEUE, { limit: 3, headers: false });
            const [first] = jobs;
            if (first) await this.driver.cancellations.cancel(first.id);
            return this.forgetDropped();
          }
          case 'clear':
            await this.driver.clear(QUEUE);
            return this.forgetDropped();
        }
      }

      /** Works until nothing is left: each job that was not dropped ends. */
      async drain(): Promise<void> {
        for (let round = 0; round < 400; round++) {
          for (const slot of [0, 1, 2]) {
            const jobs = this.held[slot]!.splice(0);
            await this.poll(
              slot,
              jobs.map((job) => settlement.complete(job)),
              5,
            );
          }
          const { ready, blocked, delayed, reserved } = await this.driver.counts(QUEUE);
          if (ready + blocked + delayed + reserved === 0) return;
          await pass(250_000);
        }
        throw new Error(`stuck: ${JSON.stringify(await this.driver.counts(QUEUE))}`);
      }

      private end(job: ClaimedJob, how: string): Settlement {
        switch (how) {
          case 'complete':
            return settlement.complete(job);
          case 'fail':
            return settlement.fail(job);
          case 'retry':
            return settlement.retry(job);
          case 'retry later':
            return settlement.retry(job, { delay: 1 });
          case 'release':
            return { kind: 'release', id: job.id, fence: job.fence, delay: 0.3, position: 'back' };
          default:
            this.forget(job.id, how === 'unstarted');
            return {
              kind: 'release',
              id: job.id,
              fence: job.fence,
              delay: 0,
              position: 'front',
              ...(how === 'unstarted' && { unstarted: true }),
            };
        }
      }

      /** The start of a job that was given back does not count. */
      private forget(id: string, isGivenBack: boolean): void {
        const at = this.starts.findLastIndex((start) => start.id === id);
        if (isGivenBack && at >= 0) this.starts.splice(at, 1);
      }

      private async poll(slot: number, settlements: Settlement[], limit: number): Promise<void> {
        const result = await poll(this.consumers[slot]!, limit, ...settlements);
        for (const { id } of result.takenOver) this.orphans.delete(id);
        for (const { kind, id } of settlements) {
          if ((kind === 'complete' || kind === 'fail') && !result.refused.includes(id)) this.begun.delete(id);
        }
        for (const job of result.jobs) {
          this.starts.push({ id: job.id, at: us });
          this.held[slot]!.push(job);
          const before = [...this.begun].filter((id) => groupOf(id) === groupOf(job.id) && id !== job.id);
          if (this.limits.ordered) expect(before).toEqual([]);
          this.begun.add(job.id);
          this.check(groupOf(job.id));
        }
      }

      private async forgetDropped(): Promise<void> {
        const live = new Set<string>();
        let cursor: string | undefined;
        do {
          const page = await this.driver.cancellations.live(QUEUE, { limit: 100, headers: false, cursor });
          for (const { id } of page.jobs) live.add(id);
          ({ cursor } = page);
        } while (cursor !== undefined);
        for (const id of this.begun) if (!live.has(id)) this.begun.delete(id);
      }

      private check(name: string): void {
        const { concurrency = Infinity, rateLimit } = this.limits;
        const running = [...this.held.flat().map(({ id }) => id), ...this.orphans].filter((id) => groupOf(id) === name);
        expect(running.length).toBeLessThanOrEqual(concurrency);
        if (!rateLimit) return;
        const recent = this.starts.filter(({ id, at }) => groupOf(id) === name && us - at < rateLimit.per * 1_000_000);
        expect(recent.length).toBeLessThanOrEqual(rateLimit.max);
      }
    }
  });
});

function groupOf(id: string): string {
  return id.slice(0, id.indexOf('-'));
}
