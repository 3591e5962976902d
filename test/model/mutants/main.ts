import { availableParallelism } from 'node:os';
import { MUTANTS } from './mutants.js';
import { SEED, TIME_LIMIT, tryMutant, UNCHANGED, UNCHANGED_FLOWS } from './try-mutant.js';
import type { ModelRun } from '../run-model.js';

/**
 * Runs the model against every mutant, and against the unchanged library: `npm run test:mutants [part of a name]`.
 * `flows` chooses those of the model of flows, and two numbers choose a part of the list: `npm run test:mutants 200-299`.
 * MODEL_SEED sets another seed. Exits with 1 if a mutant survives, or the unchanged library fails.
 */
const seed = Number(process.env['MODEL_SEED'] ?? SEED);
const wanted = process.argv[2] ?? '';
const chosen = [...MUTANTS.keys()].filter(isWanted);
/** The lines of the mutants that were not caught: they stand once more at the end. */
const survivors: string[] = [];
/** The longest trial of the unchanged library, in milliseconds. */
const LONGEST = 3_600_000;

print(`MODEL_SEED=${seed}`);
const started = performance.now();
const models = new Set(chosen.map((index) => MUTANTS[index]!.model));
/** The failures of the unchanged library. */
const failures: string[] = [];
for (const model of models) {
  const asItIs = await tryMutant(model === 'flows' ? UNCHANGED_FLOWS : UNCHANGED, seed, LONGEST);
  print(asItIs.failure ? `The library as it is fails:\n${asItIs.failure.message}` : passed(asItIs));
  if (asItIs.failure) failures.push(asItIs.failure.check);
}
// Other work of the machine makes all trials longer.
const timeLimit = Math.max(TIME_LIMIT, Math.ceil(3 * (performance.now() - started)));
const waiting = chosen.values();
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
for (const line of survivors) print(line);
print(`${chosen.length - survivors.length} of ${chosen.length} mutants were caught.`);
process.exitCode = survivors.length > 0 || failures.length > 0 || chosen.length === 0 ? 1 : 0;

function isWanted(index: number): boolean {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(wanted) ?? [];
  if (first !== undefined) return index >= Number(first) && index <= Number(last);
  const { name, file, model } = MUTANTS[index]!;
  return model === wanted || name.includes(wanted) || file.includes(wanted);
}

async function work(): Promise<void> {
  for (const index of waiting) report(index, await tried(index));
}

async function tried(index: number): Promise<ModelRun | Error> {
  try {
    return await tryMutant(index, seed, timeLimit);
  } catch (error) {
    return error as Error;
  }
}

/** Prints the line of a trial as soon as it ends: a run that is broken off has told its findings. */
function report(index: number, outcome: ModelRun | Error): void {
  const { driver, name } = MUTANTS[index]!;
  const caught = !(outcome instanceof Error) && outcome.failure;
  const result = caught
    ? `${caught.check.padEnd(14)}  run ${outcome.runs}, command ${outcome.commands}`
    : outcome instanceof Error
      ? `DID NOT RUN: ${outcome.message}`
      : 'SURVIVED';
  const line = `${String(index).padStart(3)}  ${driver.padEnd(5)}  ${name.padEnd(58)}  ${result}`;
  if (!caught) survivors.push(line);
  print(line);
}

function passed({ runs, commands }: ModelRun): string {
  return `The library as it is passes ${runs} runs, ${commands} commands.`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
