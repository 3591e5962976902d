import { expect, it } from '@jest/globals';
import type { QueueDriver } from '../../../lib/drivers/queue-driver.interface.js';
import { runFlowModel } from './run-flow-model.js';

const LIMIT_MS = 240_000;

/**
 * Runs the model of flows against a driver. A failure prints the shortest list of operations that leads to it, and the values of MODEL_SEED and MODEL_PATH that repeat it.
 *
 * @param runs the number of runs; MODEL_RUNS takes its place
 */
export function itFollowsTheFlowModel(connect: () => Promise<QueueDriver>, runs: number): void {
  it(
    'follow the model, whatever becomes of their jobs',
    async () => {
      const { MODEL_SEED, MODEL_PATH, MODEL_RUNS } = process.env;
      const seed = Number(MODEL_SEED ?? Date.now() % 2 ** 31);
      const started = performance.now();
      const run = await runFlowModel(connect, { seed, runs: Number(MODEL_RUNS ?? runs), path: MODEL_PATH });
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      process.stdout.write(
        `model of flows: MODEL_SEED=${seed}, ${run.runs} runs, ${run.commands} operations, ${seconds} s\n`,
      );
      if (run.failure) throw new Error(run.failure.message);
      if (MODEL_PATH === undefined && MODEL_RUNS === undefined) expect(run.runs).toBe(runs);
    },
    LIMIT_MS,
  );
}
