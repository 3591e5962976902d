import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ModelRun } from '../run-model.js';

const execute = promisify(execFile);
const TYPESCRIPT = new URL('../../support/typescript.mjs', import.meta.url).href;
const TRIAL = fileURLToPath(new URL('./trial.ts', import.meta.url));
/** The longest trial of a mutant, in milliseconds: a mutant may lead the model into an endless loop. */
export const TIME_LIMIT = 300_000;
/** A fixed seed: the same commands give the same result each time. */
export const SEED = 20_260_101;

/** In place of the number of a mutant: the unchanged library, and the same with the model of flows. */
export const [UNCHANGED, UNCHANGED_FLOWS] = [-1, -2];

/** Runs the model against the mutant with this number in the list, in its own process. */
export async function tryMutant(index: number, seed = SEED, timeout = TIME_LIMIT): Promise<ModelRun> {
  const { stdout } = await execute(process.execPath, ['--import', TYPESCRIPT, TRIAL, String(index), String(seed)], {
    timeout,
    maxBuffer: 10_000_000,
  });
  return JSON.parse(stdout) as ModelRun;
}
