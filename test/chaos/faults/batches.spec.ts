import { describe, expect, it } from '@jest/globals';
import { memberId } from '../../../lib/job/flow-ref.js';
import { jobSpec } from '../../../lib/index.js';
import { eventually } from '../../support/eventually.js';
import { Chaos } from '../harness/chaos.js';
import { insist, KilledWorkers } from '../harness/killed-workers.js';
import { sized } from '../harness/size.js';
import { FlakyJob, QuickJob, SlowJob } from '../process/jobs.js';

const QUEUES = ['red', 'green', 'blue'] as const;
/** A job whose worker was killed again and again is no poison job here. */
const OPTIONS = { maxCrashes: 50 } as const;

describe('batches over several queues', () => {
  const chaos = new Chaos();
  let begunAt = 0;

  /** Notes jobs of a batch: each of them has to run, once. */
  const note = (ids: readonly string[], queue: string, name: string): void =>
    chaos.history.write({ type: 'pushed', ids, name, queue, delay: 0, maxTries: 1, sentAt: begunAt });

  it('run each job once, and lose no job and no callback, while workers and Redis are killed and replies are lost', async () => {
    const { batches, size, kills } = sized({
      short: { batches: 6, size: 60, kills: 4 },
      long: { batches: 20, size: 1_000, kills: 30 },
    });
    await chaos.begin({
      config: ['--appendonly', 'yes', '--appendfsync', 'always'],
      worker: { lease: 1, concurrency: 4, queues: [...QUEUES] },
    });
    begunAt = Date.now();
    const { queue } = chaos.producer;
    const workers = await KilledWorkers.start(chaos);
    const dispatched: string[] = [];
    const failing = (number: number): boolean => number % 2 === 1;
    const dispatching = (async () => {
      for (let number = 0; number < batches; number++) {
        const id = `batch-${number}`;
        const jobs = Array.from({ length: size }, (_, row) => {
          const place = QUEUES[row % 3]!;
          return failing(number) && row === 0
            ? jobSpec(FlakyJob, 99, { queue: place, maxTries: 1, ...OPTIONS })
            : jobSpec(SlowJob, 2, { queue: place, ...OPTIONS });
        });
        const callback = jobSpec(QuickJob, 1, { queue: 'green', ...OPTIONS });
        const options = { id, allowFailures: true, then: callback, catch: callback, finally: callback };
        expect(await insist(() => queue.batch(jobs, options))).toEqual({ id, total: size });
        const { createdAt } = (await insist(() => queue.getBatch(id)))!;
        const idOf = (seat: number | string, place: string) => memberId(`b${id}`, createdAt.getTime(), place, seat);
        for (let row = 0; row < size; row++) {
          const place = QUEUES[row % 3]!;
          note([idOf(row, place)], place, failing(number) && row === 0 ? 'FlakyJob' : 'SlowJob');
        }
        for (const name of failing(number) ? ['catch', 'finally'] : ['then', 'finally'])
          note([idOf(name, 'green')], 'green', 'QuickJob');
        dispatched.push(id);
      }
    })();
    const ended = async (): Promise<number> => {
      const states = await insist(() => Promise.all(dispatched.map((id) => queue.getBatch(id))));
      return states.reduce((sum, state) => sum + state!.completed + state!.failed, 0);
    };
    for (let kill = 1; kill <= kills; kill++) {
      const enough = (batches * size * kill) / (kills + 1);
      await eventually(async () => expect(await ended()).toBeGreaterThanOrEqual(enough), { timeout: 60_000 });
      await workers.killOne();
    }
    await dispatching;
    await eventually(async () => expect(await ended()).toBe(batches * size), { timeout: 60_000 });
    for (const place of QUEUES) await chaos.drained(place);
    for (const [number, id] of dispatched.entries()) {
      expect(await queue.getBatch(id)).toMatchObject(
        failing(number)
          ? { state: 'failed', failed: 1, completed: size - 1, cancelled: 0 }
          : { state: 'completed', completed: size },
      );
    }
    await eventually(async () => {
      expect(await chaos.client.exists(...QUEUES.map((place) => `queue:${place}:outbox`))).toBe(0);
    });
    const { figures } = await chaos.expectAllWell(
      { fault: 'kill -9 of workers and of the server, and lost replies, with batches', also: { kills, batches } },
      { mayFail: ({ name }) => name === 'FlakyJob' },
      [...QUEUES],
    );
    expect(figures).toMatchObject({ jobs: batches * (size + 2), lost: 0 });
  });
});
