import { describe, expect, it } from '@jest/globals';
import { pollScript } from '../../../lib/drivers/redis/scripts/poll.script.js';
import { eventually } from '../../support/eventually.js';
import type { TcpProxy } from '../../support/tcp-proxy.js';
import { Chaos } from '../harness/chaos.js';
import type { ChaosProcess } from '../harness/chaos-process.js';
import { startCrew } from '../harness/crew.js';
import { shaOf } from '../harness/requests.js';
import { sized } from '../harness/size.js';
import { BlockJob, QuickJob } from '../process/jobs.js';

/**
 * After so long a dead connection is given up, in milliseconds: one for commands five seconds after the last answer, and a second
 * until that is looked at; one for waiting a second after the five that a wait lasts.
 */
const LIMIT = 6_000;
/** What the machine may add. */
const SLACK = 2_000;

describe('a connection that is gone without a word', () => {
  const chaos = new Chaos();

  /** A worker behind a network of its own, that works one queue. */
  const start = async (queue: string): Promise<TcpProxy> => {
    const proxy = await chaos.proxy();
    const { host, port } = proxy;
    await startCrew(chaos, 1, { redis: { host, port }, worker: { queues: [queue] } });
    return proxy;
  };

  it('is left in time, be it for commands, for waiting, or for all', async () => {
    const { rounds } = sized({ short: { rounds: 1 }, long: { rounds: 4 } });
    await chaos.begin({ worker: { lease: 30 } });
    const queues = ['commands', 'waiting', 'all'] as const;
    const [commands, waiting, all] = await Promise.all(queues.map(start));
    const push = (queue: string): Promise<unknown> =>
      chaos.producer.pushMany(
        QuickJob,
        Array.from({ length: 50 }, (_, i) => i),
        { queue },
      );
    const longest = { commands: 0, waiting: 0, all: 0 };
    for (let round = 0; round < rounds; round++) {
      const holes = [
        commands!.blackHoleAt(shaOf(pollScript)),
        waiting!.blackHoleAt('bzpopmin'),
        all!.blackHoleAt(shaOf(pollScript)).then(() => {
          // What is open stays in the hole; what is opened next is not.
          all!.blackHole();
          return all!.pass();
        }),
      ];
      await Promise.all([...holes, ...queues.map(push)]);
      const startedAt = Date.now();
      const went = async (queue: (typeof queues)[number]): Promise<void> => {
        // A worker that was still at work when its wait was swallowed would find what comes now without waiting.
        await chaos.drained(queue);
        await push(queue);
        await chaos.drained(queue);
        longest[queue] = Math.max(longest[queue], Date.now() - startedAt);
      };
      await Promise.all(queues.map(went));
    }
    for (const time of Object.values(longest)) {
      // Or else nothing was gone.
      expect(time).toBeGreaterThan(1_000);
      expect(time).toBeLessThan(LIMIT + SLACK);
    }
    const { figures } = await chaos.expectAllWell(
      { fault: 'half-open connections', recovery: Math.max(...Object.values(longest)), also: longest },
      {},
      queues,
    );
    expect(figures).toMatchObject({ jobs: rounds * 2 * 150, lost: 0, extra: 0, refused: 0 });
  });

  it('does not cost the lease of a process whose event loop is blocked', async () => {
    const { times } = sized({ short: { times: 1 }, long: { times: 5 } });
    await chaos.begin({ worker: { lease: 3 } });
    const proxy = await chaos.proxy();
    const { host, port } = proxy;
    const blocked = await chaos.worker({ redis: { host, port } });
    let other: ChaosProcess | undefined;
    for (let time = 0; time < times; time++) {
      // Only the thread that speaks for it writes it like this.
      const swallowed = proxy.blackHoleAt('EVAL\r\n');
      // The job is for the one behind the proxy.
      other?.pause();
      await chaos.producer.push(BlockJob, 5_000);
      // It does not answer while it is blocked.
      await eventually(async () => (await chaos.starts(blocked)) === time + 1, { timeout: 20_000 });
      // Another one would take the job over.
      if (other) other.resume();
      else other = await chaos.worker();
      await swallowed;
      await chaos.drained();
    }
    const { figures } = await chaos.expectAllWell({ fault: 'a half-open connection beside a blocked event loop' });
    expect(figures).toMatchObject({ jobs: times, runs: times, lost: 0, extra: 0, refused: 0 });
  });
});
