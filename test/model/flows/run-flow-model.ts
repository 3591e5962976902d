import fc from 'fast-check';
import type { QueueDriver } from '../../../lib/drivers/queue-driver.interface.js';
import { Mismatch } from '../mismatch.js';
import type { ModelRun } from '../run-model.js';
import { checkFlows } from './flow-check.js';
import { FlowModel } from './flow-model.js';
import { FlowOperations, operations } from './flow-operations.js';
import { FlowWorld } from './flow-world.js';

export interface FlowModelOptions {
  readonly seed: number;
  readonly runs: number;
  /** The path from the report of a failed run, to continue there. */
  readonly path?: string;
  /** True to search for the shortest list of operations that fails. */
  readonly shrinks?: boolean;
}

/** Lets random operations act on the flows of a driver and on their model, and compares the two after each of them. */
export async function runFlowModel(
  connect: () => Promise<QueueDriver>,
  { seed, runs, path, shrinks = true }: FlowModelOptions,
): Promise<ModelRun> {
  let commands = 0;
  let names = 0;
  let world = new FlowWorld(await connect());
  const property = fc.asyncProperty(fc.boolean(), fc.boolean(), operations, async (hearsPushes, hearsEnds, all) => {
    Object.assign(world, { hearsPushes, hearsEnds });
    const model = new FlowModel();
    const acting = new FlowOperations(world, model, `${++names}`);
    try {
      for (const operation of all) {
        await acting.act(operation);
        await checkFlows(world, model);
        commands++;
      }
      await acting.finish();
      await checkFlows(world, model);
    } catch (error) {
      // What the run has left is in the way of the next one.
      await world.close();
      world = new FlowWorld(await connect());
      throw error;
    }
  });
  const details = await fc.check(property, { seed, numRuns: runs, path, endOnFailure: !shrinks });
  await world.close();
  const counted = { runs: details.numRuns, commands };
  if (!details.failed) return { ...counted, failure: undefined };
  const error: unknown = details.errorInstance;
  const message = `${String(error)}\n${await fc.asyncDefaultReportMessage(details)}`;
  return { ...counted, failure: { check: error instanceof Mismatch ? error.check : 'error', message } };
}
