import { describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { isEnd } from '../../../lib/job/job-status.js';
import { QueueError, type DispatchResult } from '../../../lib/index.js';
import { eventually } from '../../support/eventually.js';
import { Chaos } from '../harness/chaos.js';
import type { Producer } from '../harness/producer.js';
import { Rounds } from '../harness/rounds.js';
import { sized } from '../harness/size.js';
import { SlowJob } from '../process/jobs.js';

const KEYS = 6;

describe('unique jobs', () => {
  const chaos = new Chaos();

  it('are never two of a key, and free it, while workers and Redis are killed', async () => {
    const { kills, pushes } = sized({ short: { kills: 3, pushes: 60 }, long: { kills: 20, pushes: 2_000 } });
    await chaos.begin({
      config: ['--appendonly', 'yes', '--appendfsync', 'always'],
      worker: { lease: 1, concurrency: 4 },
    });
    const proxy = await chaos.proxy();
    const producers = [chaos.producer, await chaos.producerAt(proxy)];
    const processes = await chaos.workers(2);
    const two: string[] = [];
    let [stored, duplicates] = [0, 0];
    // Of each key the job that was stored last, as far as that is known.
    const last = new Map<string, string>();
    const push = async (producer: Producer, key: string): Promise<void> => {
      const before = last.get(key);
      let result: DispatchResult;
      try {
        result = await producer.dispatch(SlowJob, 5, { unique: { key }, maxCrashes: 20 });
      } catch (error) {
        if (!(error instanceof QueueError)) throw error;
        last.delete(key);
        return;
      }
      if (result.outcome === 'duplicate') {
        duplicates++;
        return;
      }
      stored++;
      // Its predecessor gave the key back with its end.
      const status = before === undefined ? null : await producer.queue.getJobStatus(before);
      if (status && !isEnd(status.status)) two.push(`${result.id} beside ${before}, which is ${status.status}`);
      last.set(key, result.id);
    };
    const loads = Array.from({ length: KEYS }, (_, i) =>
      // Of a key one call follows the other, from two processes in turn.
      Rounds.start(
        (() => {
          let turn = i;
          return () => push(producers[turn++ % 2]!, `key-${i}`);
        })(),
        { every: 2 },
      ),
    );
    for (let kill = 1; kill <= kills; kill++) {
      const enough = (pushes * kill) / kills;
      await eventually(() => stored >= enough, { timeout: 60_000 });
      proxy.dropReplies();
      await pause(20);
      proxy.cut();
      await proxy.pass();
      await processes.shift()!.kill();
      if (kill % 2 === 0) {
        chaos.redis.kill('SIGKILL');
        await chaos.redis.restart();
      }
      processes.push(await chaos.worker());
    }
    await Promise.all(loads.map((load) => load.stop()));
    await chaos.drained();
    expect(two).toEqual([]);
    expect(stored).toBeGreaterThanOrEqual(pushes);
    expect(await chaos.client.exists('queue:default:unique', 'queue:default:throttles', 'queue:default:traits')).toBe(
      0,
    );
    const { figures } = await chaos.expectAllWell({
      fault: 'kill -9 of workers and of the server, with unique jobs',
      also: { kills, duplicates },
    });
    expect(figures).toMatchObject({ lost: 0 });
    expect(duplicates).toBeGreaterThan(stored);
  });
});
