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

describe('chains and workflows over several queues', () => {
  const chaos = new Chaos();
  let begunAt = 0;

  /** Notes the jobs of a flow: each of them has to run, once. */
  const note = (ids: readonly string[], queue: string, name: string): void =>
    chaos.history.write({ type: 'pushed', ids, name, queue, delay: 0, maxTries: 1, sentAt: begunAt });

  it('run each job once, and lose no job and no callback, while workers and Redis are killed and replies are lost', async () => {
    const { chains, workflows, failing, kills } = sized({
      short: { chains: 40, workflows: 10, failing: 5, kills: 4 },
      long: { chains: 1_000, workflows: 200, failing: 100, kills: 30 },
    });
    await chaos.begin({
      config: ['--appendonly', 'yes', '--appendfsync', 'always'],
      worker: { lease: 1, concurrency: 4, queues: [...QUEUES] },
    });
    begunAt = Date.now();
    const { queue } = chaos.producer;
    const workers = await KilledWorkers.start(chaos);
    const ids = { chain: [] as string[], workflow: [] as string[], failing: [] as string[] };
    const dispatching = (async () => {
      for (let i = 0; i < chains; i++) {
        const places = Array.from({ length: 5 }, (_, step) => QUEUES[(i + step) % 3]!);
        const jobs = places.map((place) => jobSpec(SlowJob, 2, { queue: place, ...OPTIONS }));
        const { id, jobIds } = await insist(() => queue.chain(jobs, { id: `chain-${i}` }));
        for (const [step, jobId] of jobIds.entries()) note([jobId], places[step]!, 'SlowJob');
        ids.chain.push(id);
      }
      for (let i = 0; i < workflows; i++) {
        const flow = queue.workflow('diamond', { id: `flow-${i}` });
        flow.add('a', jobSpec(SlowJob, 2, { queue: 'red', ...OPTIONS }));
        for (const name of ['b', 'c', 'd'])
          flow.add(name, jobSpec(SlowJob, 2, { queue: 'green', ...OPTIONS }), { after: ['a'] });
        flow.add('e', jobSpec(SlowJob, 2, { queue: 'blue', ...OPTIONS }), { after: ['b', 'c', 'd'] });
        const { id, jobIds } = await insist(() => flow.dispatch());
        for (const [name, jobId] of Object.entries(jobIds))
          note([jobId], name === 'a' ? 'red' : name === 'e' ? 'blue' : 'green', 'SlowJob');
        ids.workflow.push(id);
      }
      for (let i = 0; i < failing; i++) {
        const jobs = [
          jobSpec(FlakyJob, 99, { queue: 'red', maxTries: 1, ...OPTIONS }),
          jobSpec(QuickJob, 1, { queue: 'green' }),
        ];
        const onFailure = jobSpec(QuickJob, 2, { queue: 'blue', ...OPTIONS });
        const { id, jobIds } = await insist(() => queue.chain(jobs, { id: `fails-${i}`, onFailure }));
        const { createdAt } = (await insist(() => queue.getChain(id)))!;
        note([jobIds[0]!], 'red', 'FlakyJob');
        note([memberId(`c${id}`, createdAt.getTime(), 'blue', 'catch')], 'blue', 'QuickJob');
        ids.failing.push(id);
      }
    })();
    const finished = async (): Promise<number> => {
      const states = await insist(() =>
        Promise.all([
          ...ids.chain.map((id) => queue.getChain(id)),
          ...ids.workflow.map((id) => queue.getWorkflow(id)),
          ...ids.failing.map((id) => queue.getChain(id)),
        ]),
      );
      return states.filter((state) => state?.finishedAt !== undefined).length;
    };
    const all = chains + workflows + failing;
    for (let kill = 1; kill <= kills; kill++) {
      const enough = (all * kill) / (kills + 1);
      await eventually(async () => expect(await finished()).toBeGreaterThanOrEqual(enough), { timeout: 60_000 });
      await workers.killOne();
    }
    await dispatching;
    await eventually(async () => expect(await finished()).toBe(all), { timeout: 60_000 });
    for (const place of QUEUES) await chaos.drained(place);
    for (const id of ids.chain) expect(await queue.getChain(id)).toMatchObject({ state: 'completed', completed: 5 });
    for (const id of ids.workflow)
      expect(await queue.getWorkflow(id)).toMatchObject({ state: 'completed', completed: 5 });
    for (const id of ids.failing)
      expect(await queue.getChain(id)).toMatchObject({ state: 'failed', failed: 1, completed: 0 });
    await eventually(async () => {
      expect(await chaos.client.exists(...QUEUES.map((place) => `queue:${place}:outbox`))).toBe(0);
    });
    const { figures } = await chaos.expectAllWell(
      {
        fault: 'kill -9 of workers and of the server, and lost replies, with chains and workflows',
        also: { kills, flows: all },
      },
      { mayFail: ({ name }) => name === 'FlakyJob' },
      [...QUEUES],
    );
    expect(figures).toMatchObject({ jobs: chains * 5 + workflows * 5 + failing * 2, lost: 0 });
  });
});
