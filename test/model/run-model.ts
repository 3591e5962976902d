import fc from 'fast-check';
import type { StartLimits } from '../../lib/drivers/queue-limits.interface.js';
import { Act, type ModelCommand } from './act.js';
import { modelCommands } from './commands.js';
import { EXAMPLES, type Example } from './examples.js';
import { Mismatch } from './mismatch.js';
import { Model } from './model.js';
import type { Subject } from './subject.interface.js';

export const RUNS = 500;
/** The fewest and the most commands of a run. */
export const COMMANDS = { min: 40, max: 48 };
/** The longest time of all runs, with the search for the shortest commands that fail. */
const TIME_LIMIT_MS = 400_000;
/** Seconds. */
const STATUS_TTL = 60;
/** Most queues have no limits. */
const LIMITS = fc.constantFrom<StartLimits>(
  {},
  {},
  {},
  { concurrency: 2 },
  { rateLimit: { max: 3, per: 6 } },
  { concurrency: 3, rateLimit: { max: 4, per: 12 } },
  { groups: { concurrency: 1 } },
  { groups: { concurrency: 2, rateLimit: { max: 3, per: 12 } } },
  { groups: { rateLimit: { max: 2, per: 6 } } },
  { groups: { concurrency: 1, ordered: true } },
  { groups: { concurrency: 1, ordered: true, rateLimit: { max: 2, per: 6 } } },
  { concurrency: 3, groups: { concurrency: 2, rateLimit: { max: 2, per: 5 } } },
);

export interface ModelRunOptions {
  readonly seed: number;
  readonly runs?: number;
  /** The path from the report of a failed run, to continue there. */
  readonly path?: string;
  readonly replayPath?: string;
  /** True to search for the shortest commands that fail. */
  readonly shrinks?: boolean;
}

export interface ModelRun {
  readonly runs: number;
  readonly commands: number;
  /** The error, and the commands that led to it; `undefined` if all runs passed. */
  readonly failure: { readonly check: string; readonly message: string } | undefined;
}

/** Lets random commands act on a driver and on the model, and compares the two after each of them. */
export async function runModel(subject: Subject, options: ModelRunOptions): Promise<ModelRun> {
  const before = Act.done;
  const commands = fc.commands<Model, Subject, true>(modelCommands(subject.wire !== undefined), {
    maxCommands: COMMANDS.max,
    size: 'max',
    ...(options.replayPath !== undefined && { replayPath: options.replayPath }),
  });
  // Without statuses a driver takes other paths.
  const statusTtl = fc.constantFrom(STATUS_TTL, STATUS_TTL, STATUS_TTL, 0);
  const property = fc.asyncProperty(statusTtl, LIMITS, new LongEnough(commands), async (ttl, limits, each) => {
    const setup = async () => {
      await subject.start(ttl, limits);
      return { model: new Model(subject.traits, ttl, limits), real: subject };
    };
    await fc.asyncModelRun(setup, each);
  });
  const { seed, runs = RUNS, path, shrinks = true } = options;
  const until = shrinks ? { interruptAfterTimeLimit: TIME_LIMIT_MS, markInterruptAsFailure: true } : {};
  const details = await fc.check(property, { seed, numRuns: runs, path, endOnFailure: !shrinks, ...until });
  const counted = { runs: details.numRuns, commands: Act.done - before };
  if (!details.failed) return { ...counted, failure: undefined };
  const errorInstance: unknown =
    details.errorInstance ?? new Error(`only ${details.numRuns} of ${runs} runs within ${TIME_LIMIT_MS / 1000} s`);
  const message = `${String(errorInstance)}\n${await fc.asyncDefaultReportMessage(details)}`;
  return { ...counted, failure: { check: checkOf(errorInstance), message } };
}

type Commands = Iterable<ModelCommand>;

/** Lets the commands of each example act on a driver and on the model. Returns the first failure; `undefined` if all pass. */
export async function runExamples(subject: Subject): Promise<ModelRun['failure']> {
  for (const [name, example] of Object.entries(EXAMPLES)) {
    try {
      await runExample(subject, example);
    } catch (error) {
      return { check: checkOf(error), message: `${name}: ${String(error)}` };
    }
  }
  return undefined;
}

export async function runExample(subject: Subject, example: Example): Promise<void> {
  await subject.start(STATUS_TTL);
  await example(new Model(subject.traits, STATUS_TTL), subject);
}

function checkOf(error: unknown): string {
  return error instanceof Mismatch ? error.check : 'error';
}

/** Makes enough commands; the search for the shortest commands that fail may make fewer. */
class LongEnough extends fc.Arbitrary<Commands> {
  constructor(private readonly commands: fc.Arbitrary<Commands>) {
    super();
  }

  generate(random: fc.Random, bias: number | undefined): fc.Value<Commands> {
    for (;;) {
      const value = this.commands.generate(random, bias);
      if ([...value.value_].length >= COMMANDS.min) return value;
    }
  }

  canShrinkWithoutContext(value: unknown): value is Commands {
    return this.commands.canShrinkWithoutContext(value);
  }

  shrink(value: Commands, context: unknown): fc.Stream<fc.Value<Commands>> {
    return this.commands.shrink(value, context);
  }
}
