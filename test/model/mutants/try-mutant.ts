import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ModelRun } from '../run-model.js';

const execute = promisify(execFile);
const TYPESCRIPT = new URL('../../support/typescript.mjs', import.meta.url).href;
const TRIAL = fileURLToPath(new URL('./trial.ts', import.meta.url));
/** One that leads the model round in circles is stopped, in milliseconds. */
const TIME_LIMIT = 300_000;
/** The same commands each time, so that the outcome is. */
export const SEED = 20_260_101;

/** Holds the mutant of this number in the list against the model, in a process of its own. */
export async function tryMutant(index: number, seed = SEED): Promise<ModelRun> {
  const { stdout } = await execute(process.execPath, ['--import', TYPESCRIPT, TRIAL, String(index), String(seed)], {
    timeout: TIME_LIMIT,
    maxBuffer: 10_000_000,
  });
  return JSON.parse(stdout) as ModelRun;
}
