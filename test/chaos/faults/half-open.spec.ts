import { describe, expect, it } from '@jest/globals';
import { shortPollScript } from '../../../lib/drivers/redis/scripts/poll.script.js';
import { eventually } from '../../support/eventually.js';
import type { TcpProxy } from '../../support/tcp-proxy.js';
import { Chaos } from '../harness/chaos.js';
import type { ChaosProcess } from '../harness/chaos-process.js';
import { startWorkers } from '../harness/start-workers.js';
import { shaOf } from '../harness/requests.js';
import { sized } from '../harness/size.js';
import { BlockJob, QuickJob } from '../process/jobs.js';

/**
 * After this time the library closes a dead connection, in milliseconds: the connection for commands five seconds after the
 * last reply, plus up to a second until the next check; the connection for waiting one second after a wait of five seconds.
 */
const LIMIT = 6_000;
/** The delay that the machine may add, in milliseconds. */
const SLACK = 2_000;

describe('a half-open connection', () => {
  const chaos = new Chaos();

  /** Starts a worker for one queue behind its own proxy. */
  const start = async (queue: string): Promise<TcpProxy> => {
    const proxy = await chaos.proxy();
    const { host, port } = proxy;
    await startWorkers(chaos, 1, { redis: { host, port }, worker: { queues: [queue] } });
    return proxy;
  };

  it('is closed in time, whether it is for commands, for waiting, or both', async () => {
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
        commands!.blackHoleAt(shaOf(shortPollScript)),
        waiting!.blackHoleAt('bzpopmin'),
        all!.blackHoleAt(shaOf(shortPollScript)).then(() => {
          // Open connections stay in the black hole, new ones work.
          all!.blackHole();
          return all!.pass();
        }),
      ];
      await Promise.all([...holes, ...queues.map(push)]);
      const startedAt = Date.now();
      const measure = async (queue: (typeof queues)[number]): Promise<void> => {
        // A worker that still ran jobs when its wait was dropped would find the next jobs without waiting.
        await chaos.drained(queue);
        await push(queue);
        await chaos.drained(queue);
        longest[queue] = Math.max(longest[queue], Date.now() - startedAt);
      };
      await Promise.all(queues.map(measure));
    }
    for (const time of Object.values(longest)) {
      // A shorter time means that no connection was in a black hole.
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

  it('does not end the lease of a process whose event loop is blocked', async () => {
    const { times } = sized({ short: { times: 1 }, long: { times: 5 } });
    await chaos.begin({ worker: { lease: 3 } });
    const proxy = await chaos.proxy();
    const { host, port } = proxy;
    const blocked = await chaos.worker({ redis: { host, port } });
    let other: ChaosProcess | undefined;
    for (let time = 0; time < times; time++) {
      // Only the heartbeat thread sends EVAL in capital letters.
      const swallowed = proxy.blackHoleAt('EVAL\r\n');
      // The worker behind the proxy has to claim the job.
      other?.pause();
      await chaos.producer.push(BlockJob, 5_000);
      // The blocked process writes its start event before it blocks.
      await eventually(async () => (await chaos.starts(blocked)) === time + 1, { timeout: 20_000 });
      // The other worker would recover the job if the lease ran out.
      if (other) other.resume();
      else other = await chaos.worker();
      await swallowed;
      await chaos.drained();
    }
    const { figures } = await chaos.expectAllWell({ fault: 'a half-open connection beside a blocked event loop' });
    expect(figures).toMatchObject({ jobs: times, runs: times, lost: 0, extra: 0, refused: 0 });
  });
});
