import { describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { QueueError, type JobStatus } from '../../../lib/index.js';
import { eventually } from '../../support/eventually.js';
import { Chaos } from '../harness/chaos.js';
import type { Producer } from '../harness/producer.js';
import { Rounds } from '../harness/rounds.js';
import { sized } from '../harness/size.js';
import type { ChaosEvent } from '../process/history.js';
import { HopelessJob, MOST_RELEASES, QuickJob, RETRY_FOR, SlowJob, ToldJob } from '../process/jobs.js';

/** A queue that is held back most of the time. */
const TOLD = 'told';
/** Milliseconds. */
const EXPIRES_IN = 100;
/** By so much an event may be recorded after it happened, in milliseconds: two processes share a busy processor with the server. */
const SLACK = 250;
/** By so much a try may start after the time for tries is over, in milliseconds: it was planned before, and then its worker or the server was away. */
const AWAY = 2_000;
const KEYS = 3;
/** More tries than a job has time for. */
const MANY = 1_000;

type Claim = Extract<ChaosEvent, { readonly type: 'claimed' }>['jobs'][number];

describe('jobs that wait for something', () => {
  const chaos = new Chaos();

  it('wait so long, and not longer, while workers and Redis are killed and replies are lost', async () => {
    const { kills, pushes } = sized({ short: { kills: 2, pushes: 40 }, long: { kills: 20, pushes: 600 } });
    await chaos.begin({
      config: ['--appendonly', 'yes', '--appendfsync', 'always'],
      worker: { lease: 1, queues: { default: 4, [TOLD]: 4 } },
    });
    const proxy = await chaos.proxy();
    const { host, port } = proxy;
    const producers = [chaos.producer, await chaos.producerAt(proxy)];
    let turn = 0;
    const nextProducer = (): Producer => producers[turn++ % producers.length]!;
    const processes = [await chaos.worker(), await chaos.worker({ redis: { host, port } })];

    // What was stored: by id the data, or the time of the answer.
    const told = new Map<string, number>();
    const [expiring, hopeless] = [new Map<string, number>(), new Map<string, number>()];
    const debounced = new Set<string>();
    const lastOfKey = new Map<string, string>();
    const two: string[] = [];
    const pushDebounced = async (key: string): Promise<void> => {
      const before = lastOfKey.get(key);
      try {
        const producer = nextProducer();
        const { id } = await producer.dispatch(QuickJob, 1, { debounce: { key, wait: '40ms', maxWait: '160ms' } });
        debounced.add(id);
        lastOfKey.set(key, id);
        if (before === undefined || before === id) return;
        const status = await producer.queue.getJobStatus(before);
        if (status?.status === 'delayed') two.push(`${id} beside ${before}`);
      } catch (error) {
        if (!(error instanceof QueueError)) throw error;
        lastOfKey.delete(key);
      }
    };
    const holds: (readonly [from: number, until: number])[] = [];
    // No more, or a slow machine would have to drain a long queue.
    const limited = { rounds: pushes, every: 30 };
    const loads = [
      Rounds.start(async (round) => {
        const times = round % (MOST_RELEASES + 2);
        told.set(await nextProducer().push(ToldJob, times, { queue: TOLD }), times);
      }, limited),
      Rounds.start(async () => {
        const id = await nextProducer().push(SlowJob, 1, { queue: TOLD, expiresIn: EXPIRES_IN / 1000 });
        expiring.set(id, Date.now());
      }, limited),
      Rounds.start(
        async () => void hopeless.set(await nextProducer().push(HopelessJob, 1, { maxTries: MANY }), Date.now()),
        { every: 60 },
      ),
      ...Array.from({ length: KEYS }, (_, i) => Rounds.start(() => pushDebounced(`key-${i}`), { every: 5 })),
    ];
    // Looks at the hold from outside.
    const looks = Rounds.start(
      async () => {
        const [time, until] = (await chaos.client
          .multi()
          .time()
          .hget(`queue:${TOLD}:meta`, 'heldUntil')
          .exec()
          .catch(() => [])) as [unknown, unknown][];
        const [seconds, micros] = (time?.[1] ?? []) as number[];
        const from = Number(seconds) * 1_000 + Math.ceil(Number(micros) / 1_000);
        if (Number(until?.[1]) > from) holds.push([from, Number(until![1])]);
      },
      { every: 10 },
    );
    for (let kill = 1; kill <= kills; kill++) {
      const enough = (pushes * kill) / (kills + 1);
      await eventually(() => Math.max(told.size, expiring.size) >= enough, { timeout: 60_000 });
      proxy.dropReplies();
      await pause(20);
      proxy.cut();
      await proxy.pass();
      await processes.shift()!.kill();
      if (kill % 2 === 0) {
        chaos.redis.kill('SIGKILL');
        await chaos.redis.restart();
      }
      processes.push(await chaos.worker(kill % 2 === 0 ? { redis: { host, port } } : {}));
    }
    await Promise.all(loads.slice(0, 2).map((load) => load.ended()));
    await Promise.all(loads.map((load) => load.stop()));
    await chaos.drained();
    await chaos.drained(TOLD);
    await looks.stop();

    const events = Object.values(await chaos.histories()).flat();
    // Two queues may give the same fence.
    const claims = new Map<string, Claim & { readonly queue: string }>();
    for (const event of events) {
      if (event.type !== 'claimed') continue;
      for (const job of event.jobs) claims.set(`${event.queue} ${job.fence}`, { ...job, queue: event.queue });
    }
    const starts = events.filter((event) => event.type === 'start');
    const status = async (id: string): Promise<JobStatus | null> => chaos.producer.queue.getJobStatus(id);

    // Fences are the time of the server in microseconds.
    const early = [...claims.values()].filter(
      ({ queue, fence }) =>
        queue === TOLD && holds.some(([from, until]) => fence > (from + 1) * 1_000 && fence < (until - 1) * 1_000),
    );
    expect(early.slice(0, 5)).toEqual([]);
    expect(holds.length).toBeGreaterThan(10);

    for (const [id, times] of told) {
      const end =
        times <= MOST_RELEASES
          ? { status: 'completed' }
          : { status: 'failed', error: expect.stringContaining('released') };
      expect(await status(id)).toMatchObject(end);
    }
    const releases = new Map<string, number>();
    for (const event of events) {
      if (event.type !== 'settled') continue;
      for (const { id, kind, delay, accepted } of event.jobs) {
        if (kind === 'release' && delay > 0 && accepted) releases.set(id, (releases.get(id) ?? 0) + 1);
      }
    }
    expect(Math.max(...releases.values())).toBe(MOST_RELEASES);

    const ends = { completed: 0, expired: 0 };
    for (const id of expiring.keys()) {
      const { status: state, error } = (await status(id))!;
      if (state === 'completed') ends.completed++;
      else expect({ state, error }).toEqual({ state: 'cancelled', error: 'expired' });
      if (state !== 'cancelled') continue;
      ends.expired++;
      chaos.history.write({ type: 'dropped', id });
    }
    expect(ends.expired).toBeGreaterThan(0);
    const lateStarts = starts.filter(({ queue, id, at, fence }) => {
      const pushedAt = expiring.get(id);
      // A job that a lost worker had may have started before.
      return (
        pushedAt !== undefined && claims.get(`${queue} ${fence}`)?.crashes === 0 && at > pushedAt + EXPIRES_IN + SLACK
      );
    });
    expect(lateStarts).toEqual([]);

    for (const id of hopeless.keys()) expect(await status(id)).toMatchObject({ status: 'failed' });
    const lateTries = starts.filter(
      ({ id, at, attempt }) => attempt > 1 && at > (hopeless.get(id) ?? Infinity) + RETRY_FOR + AWAY,
    );
    expect(lateTries).toEqual([]);

    expect(two).toEqual([]);
    for (const id of debounced) expect(await status(id)).toMatchObject({ status: 'completed' });

    const left = ['default', TOLD].flatMap((queue) => [`queue:${queue}:debounce`, `queue:${queue}:attempts`]);
    expect(await chaos.client.exists(...left)).toBe(0);
    const also = { kills, holds: new Set(holds.map(([, until]) => until)).size, expired: ends.expired };
    const { figures } = await chaos.expectAllWell(
      { fault: 'kill -9 of workers and of the server, with jobs that wait', also },
      { mayFail: ({ id }) => hopeless.has(id) || (told.get(id) ?? 0) > MOST_RELEASES },
      ['default', TOLD],
    );
    expect(figures).toMatchObject({ lost: 0 });
  });
});
