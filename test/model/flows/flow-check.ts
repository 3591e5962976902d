import { expectSame, Mismatch } from '../mismatch.js';
import type { FlowModel, ModelFlow } from './flow-model.js';
import { QUEUES, type FlowWorld } from './flow-world.js';

/** So often the world may go on until it is as the model says. */
const ROUNDS = 4;

/** Compares the flows and the jobs of a driver with the model. @throws Mismatch */
export async function checkFlows(world: FlowWorld, model: FlowModel): Promise<void> {
  for (let round = 1; ; round++) {
    await world.settled();
    try {
      await compare(world, model);
      return;
    } catch (error) {
      if (!(error instanceof Mismatch) || round === ROUNDS) throw error;
    }
  }
}

async function compare(world: FlowWorld, model: FlowModel): Promise<void> {
  for (const queue of QUEUES) {
    const names = (await world.live(queue)).map((id) => world.nameOf(id)).toSorted();
    const wanted = [...model.jobsAt('ready', queue), ...model.jobsAt('held', queue)].map(({ name }) => name).toSorted();
    expectSame('members', `the jobs of queue ${queue}`, names, wanted);
  }
  for (const flow of model.flows) await compareFlow(world, flow);
}

async function compareFlow(world: FlowWorld, flow: ModelFlow): Promise<void> {
  const { ref, nodes, isBatch } = flow;
  const count = (...wanted: string[]): number => nodes.filter(({ state }) => wanted.includes(state)).length;
  const stored = await world.driver.flows.read(ref);
  const { total, completed, failed, cancelled, finishedAt, failedIds = [] } = stored ?? {};
  expectSame(
    'flows',
    ref,
    { total, completed, failed, cancelled, hasEnded: finishedAt !== undefined },
    {
      total: nodes.length,
      completed: count('completed'),
      failed: count('failed'),
      cancelled: count('cancelled', 'held'),
      hasEnded: flow.hasEnded,
    },
  );
  const failedNames = nodes.flatMap(({ name, state }) => (state === 'failed' ? [name] : []));
  expectSame(
    'flows',
    `the failed jobs of ${ref}`,
    failedIds.map((id) => world.nameOf(id)).toSorted(),
    failedNames.toSorted(),
  );
  const states = (await world.driver.flows.nodes(ref))?.map(({ state }) => state) ?? null;
  expectSame('flows', `the nodes of ${ref}`, states, isBatch ? null : nodes.map(({ state }) => state));
  expectSame('ends', `how often the end of ${ref} was told`, world.ends.get(ref) ?? 0, world.hearsEnds ? flow.ends : 0);
}
