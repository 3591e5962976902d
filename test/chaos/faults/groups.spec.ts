import { describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import { limitsHeld } from '../checks/limits.js';
import { claimedInOrder } from '../checks/order.js';
import { Chaos } from '../harness/chaos.js';
import { GroupHolds } from '../harness/group-holds.js';
import type { Producer } from '../harness/producer.js';
import { Rounds } from '../harness/rounds.js';
import { sized } from '../harness/size.js';
import { GroupToldJob, QuickJob, SlowJob, STEP_TRIES, StepJob } from '../process/jobs.js';

const LIMITED = 'limited';
const ORDERED = 'ordered';
/** A queue whose groups are held back most of the time. */
const TOLD = 'told';
const QUEUES = [LIMITED, ORDERED, TOLD];
const GROUPS = 4;
const LIMITS = { concurrency: 1, rateLimit: { max: 3, per: 0.15 } } as const;

describe('groups', () => {
  const chaos = new Chaos();

  it('keep their limits, their order and their holds, while workers and Redis are killed and replies are lost', async () => {
    const { kills, rounds } = sized({ short: { kills: 2, rounds: 48 }, long: { kills: 20, rounds: 1_200 } });
    await chaos.begin({
      config: ['--appendonly', 'yes', '--appendfsync', 'always'],
      worker: { lease: 1, queues: { [LIMITED]: 5, [ORDERED]: 5, [TOLD]: 5 } },
      queue: { queues: { [LIMITED]: { groups: LIMITS }, [ORDERED]: { groups: { ordered: true } } } },
    });
    const proxy = await chaos.proxy();
    const { host, port } = proxy;
    const producers = [chaos.producer, await chaos.producerAt(proxy)];
    const processes = [await chaos.worker(), await chaos.worker({ redis: { host, port } })];
    const killedAt = new Map<string, number>();
    /** The jobs of each group of each queue, in the order of their pushes. */
    const groups = new Map<string, string[]>();
    const failing = new Set<string>();
    const load = (
      queue: string,
      push: (producer: Producer, round: number, group: string) => Promise<string[]>,
    ): Rounds =>
      Rounds.start(
        async (round) => {
          const group = `${queue}-${(round * 7) % GROUPS}`;
          const ids = groups.get(group) ?? [];
          groups.set(group, ids);
          ids.push(...(await push(producers[round % 2]!, round, group)));
        },
        { every: 15 },
      );
    const loads = [
      load(LIMITED, (producer, round, group) =>
        producer.pushMany(SlowJob, [30 + (round % 40)], { queue: LIMITED, group, maxCrashes: 20 }),
      ),
      load(ORDERED, async (producer, round, group) => {
        const data = { takes: 3 + (round % 10), releases: round % 5 === 0 ? 1 : 0, failures: round % 3 };
        const id = await producer.push(StepJob, data, { queue: ORDERED, group, maxTries: STEP_TRIES });
        if (data.failures === STEP_TRIES) failing.add(id);
        return [id];
      }),
      load(TOLD, async (producer, round, group) => [
        round % 5 === 0
          ? await producer.push(GroupToldJob, 1 + (round % 2), { queue: TOLD, group })
          : await producer.push(QuickJob, round, { queue: TOLD, group }),
      ]),
    ];
    const holds = GroupHolds.watch(chaos.client, TOLD);
    const mostPushed = (): number => Math.max(...loads.map((each) => each.rounds));
    for (let kill = 1; kill <= kills; kill++) {
      await eventually(() => mostPushed() >= (rounds * kill) / (kills + 1), { timeout: 60_000 });
      proxy.dropReplies();
      await pause(20);
      proxy.cut();
      await proxy.pass();
      const killed = processes.shift()!;
      // Each killed worker has to hold a place of a group, else the test proves nothing.
      await eventually(async () => (await chaos.running(killed)) > 0, { timeout: 10_000 });
      await killed.kill();
      killedAt.set(killed.name, Date.now());
      if (kill % 2 === 0) {
        chaos.redis.kill('SIGKILL');
        await chaos.redis.restart();
      }
      processes.push(await chaos.worker(kill % 2 === 0 ? { redis: { host, port } } : {}));
    }
    await Promise.all(loads.map((each) => each.stop()));
    for (const queue of QUEUES) await chaos.drained(queue);
    const seen = await holds.stop();

    const histories = await chaos.histories();
    const windows: number[] = [];
    for (const [name, ids] of groups) {
      const limits = name.startsWith(LIMITED) ? LIMITS : name.startsWith(ORDERED) ? { concurrency: 1 } : {};
      const { wrong, figures } = limitsHeld(histories, limits, killedAt, (id) => ids.includes(id));
      expect({ name, wrong }).toEqual({ name, wrong: [] });
      if (name.startsWith(LIMITED)) windows.push(figures.shortest);
      if (name.startsWith(ORDERED)) expect(claimedInOrder(histories, ids)).toEqual([]);
      if (name.startsWith(TOLD)) expect(seen.startsWithin(name, histories, ids)).toEqual([]);
    }
    expect(groups.size).toBe(QUEUES.length * GROUPS);
    expect(seen.count).toBeGreaterThan(10);
    const also = {
      kills,
      'shortest window of a group, ms': Math.round(Math.min(...windows) / 1_000),
      holds: seen.count,
    };
    const { figures } = await chaos.expectAllWell(
      { fault: 'kill -9 of workers and of the server, with groups', also },
      { mayFail: ({ id }) => failing.has(id) },
      QUEUES,
    );
    expect(figures).toMatchObject({ lost: 0 });
    expect(figures.jobs).toBeGreaterThan(rounds);
    expect(figures.held).toBeGreaterThan(0);
  });
});
