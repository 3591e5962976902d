import { writeFile } from 'node:fs/promises';
import { readArguments, USAGE, type BenchArguments } from './arguments.js';
import { FULL, QUICK } from './effort.js';
import { describeMachine } from './machine.js';
import { MEASUREMENTS } from './measurements/measurements.js';
import type { Measurement } from './measurements/measurement.interface.js';
import { evaluate, type Evaluation } from './report/result.js';
import { formatTable } from './report/table.js';
import { TARGETS, unmeasuredTargets } from './report/targets.js';
import { BenchServer } from './server/bench-server.js';
import { SubjectPool } from './subject/subject-pool.js';

/** Exit codes, beside 0. */
const CANNOT_MEASURE = 1;
const TARGET_MISSED = 2;

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error);
  process.exitCode = CANNOT_MEASURE;
}

/** Measures this library and others side by side, and prints a table. Returns the exit code. */
async function main(): Promise<number> {
  const args = readArguments(
    process.argv.slice(2),
    MEASUREMENTS.map(({ name }) => name),
  );
  if (args.help) {
    console.log(`${USAGE}\n\nMeasurements: ${MEASUREMENTS.map(({ name }) => name).join(', ')}`);
    return 0;
  }
  const server = await BenchServer.start();
  const { host, port } = server;
  const pool = new SubjectPool({ host, port, profiles: args.profile }, args.quick);
  try {
    const evaluations: Evaluation[] = [];
    let failed = false;
    for (const measurement of MEASUREMENTS) {
      if (args.only.length > 0 && !args.only.includes(measurement.name)) continue;
      try {
        evaluations.push(...(await run(measurement, server, pool, args.quick)));
      } catch (error) {
        // A failed measurement must not lose the results of the others.
        console.error(`${measurement.name}: not measured`, error);
        failed = true;
        await pool.close();
      }
    }
    await report(evaluations, await server.version(), args);
    if (failed) return CANNOT_MEASURE;
    // A short run, or a run with --only, does not measure every target.
    const without =
      args.quick || args.only.length > 0 ? [] : unmeasuredTargets(evaluations.map(({ result }) => result));
    if (without.length > 0) console.error(`no result for the targets ${without.join(', ')}`);
    const missed = without.length > 0 || evaluations.some(({ met }) => met === false);
    return args.assert && missed ? TARGET_MISSED : 0;
  } finally {
    await pool.close();
    await server.stop();
  }
}

async function run(
  measurement: Measurement,
  server: BenchServer,
  pool: SubjectPool,
  quick: boolean,
): Promise<Evaluation[]> {
  const started = performance.now();
  const subjects = measurement.systems.map((system) => pool.take(system));
  const effort = quick ? QUICK : FULL;
  const results = await measurement.run({ server, subjects, effort, spawn: (system) => pool.take(system) });
  await pool.release();
  console.error(`${measurement.name}: measured in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  return results.map((result) => evaluate(result, TARGETS[result.id]));
}

async function report(evaluations: readonly Evaluation[], redis: string, args: BenchArguments): Promise<void> {
  const machine = describeMachine(redis);
  console.log(formatTable(evaluations));
  console.log(
    `\nNode ${machine.node}, ${machine.redis}, BullMQ ${machine.bullmq}, Bull ${machine.bull}, Bee-Queue ${machine.beeQueue}, ` +
      `GroupMQ ${machine.groupmq}, ioredis ${machine.ioredis}, ${machine.cores} cores (${machine.cpu}); jobs of 200 bytes; medians of rounds A B A B ..., ` +
      'ratios of pairs.' +
      '\nKept 24 h: ours keeps the status of each job; BullMQ and Bull keep the job (`removeOnComplete: { age: 86400 }`); ' +
      'Bee-Queue keeps the job forever.' +
      '\nBare lists: `RPUSH` of 500 and `LPOP` of 100 or 500 of the same jobs with `JSON.parse`, on one connection, without ' +
      'guarantees. A target with a unit is for the value of ours, a target without a unit for the ratio to BullMQ.',
  );
  if (args.json !== undefined) {
    const content = { date: new Date().toISOString(), quick: args.quick, machine, evaluations };
    await writeFile(args.json, `${JSON.stringify(content, undefined, 2)}\n`);
  }
}
