import { expect, it } from '@jest/globals';
import { EXAMPLES } from './examples.js';
import { COMMANDS, runExample, runModel } from './run-model.js';
import type { Subject } from './subject.interface.js';

const LIMIT_MS = 480_000;

/**
 * Runs the model against a subject. A failure prints the shortest commands that lead to it, and the values of
 * MODEL_SEED, MODEL_PATH and MODEL_REPLAY_PATH that repeat it.
 *
 * @param runs the number of runs; MODEL_RUNS takes its place
 */
export function itFollowsTheModel(subject: () => Subject, runs: number): void {
  it.each(Object.entries(EXAMPLES))('follows the model if %s', async (_, example) => {
    await runExample(subject(), example);
  });

  it(
    `follows the model through ${runs} runs of ${COMMANDS.min} commands and more`,
    async () => {
      const { MODEL_SEED, MODEL_PATH, MODEL_REPLAY_PATH, MODEL_RUNS } = process.env;
      const seed = Number(MODEL_SEED ?? Date.now() % 2 ** 31);
      const started = performance.now();
      const run = await runModel(subject(), {
        seed,
        runs: Number(MODEL_RUNS ?? runs),
        path: MODEL_PATH,
        replayPath: MODEL_REPLAY_PATH,
      });
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      process.stdout.write(
        `model of ${subject().name}: MODEL_SEED=${seed}, ${run.runs} runs, ${run.commands} commands, ${seconds} s\n`,
      );
      if (run.failure) throw new Error(run.failure.message);
      if (MODEL_PATH === undefined && MODEL_RUNS === undefined) {
        expect(run.runs).toBeGreaterThanOrEqual(runs);
        expect(run.commands).toBeGreaterThanOrEqual(runs * COMMANDS.min);
      }
    },
    LIMIT_MS,
  );
}
