import { writeFile } from 'node:fs/promises';
import { readArguments, USAGE, type BenchArguments } from './arguments.js';
import { FULL, QUICK } from './effort.js';
import { describeMachine } from './machine.js';
import { MEASUREMENTS } from './measurements/measurements.js';
import type { Measurement } from './measurements/measurement.interface.js';
import { judge, type Verdict } from './report/result.js';
import { formatTable } from './report/table.js';
import { TARGETS } from './report/targets.js';
import { BenchServer } from './server/bench-server.js';
import { Subject } from './subject/subject.js';
import { SYSTEMS } from './systems/systems.js';

/** Exit codes, beside 0. */
const CANNOT_MEASURE = 1;
const TARGET_MISSED = 2;

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error);
  process.exitCode = CANNOT_MEASURE;
}

/** Measures this library and BullMQ side by side, and prints a table. Returns the exit code. */
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
  try {
    const verdicts: Verdict[] = [];
    for (const measurement of MEASUREMENTS) {
      if (args.only.length > 0 && !args.only.includes(measurement.name)) continue;
      verdicts.push(...(await run(measurement, server, args)));
    }
    await report(verdicts, await server.version(), args);
    return args.assert && verdicts.some(({ met }) => met === false) ? TARGET_MISSED : 0;
  } finally {
    await server.stop();
  }
}

/** Runs a measurement, with fresh processes. */
async function run(measurement: Measurement, server: BenchServer, args: BenchArguments): Promise<Verdict[]> {
  const { host, port } = server;
  const started = performance.now();
  const subjects = SYSTEMS.map((system) => new Subject({ system, host, port, profiles: args.profile }));
  try {
    const results = await measurement.run({ server, subjects, effort: args.quick ? QUICK : FULL });
    console.error(`${measurement.name}: measured in ${((performance.now() - started) / 1000).toFixed(0)} s`);
    return results.map((result) => judge(result, TARGETS[result.id]));
  } finally {
    await Promise.all(subjects.map((subject) => subject.close()));
  }
}

async function report(verdicts: readonly Verdict[], redis: string, args: BenchArguments): Promise<void> {
  const machine = describeMachine(redis);
  console.log(formatTable(verdicts));
  console.log(
    `\nNode ${machine.node}, ${machine.redis}, BullMQ ${machine.bullmq}, ioredis ${machine.ioredis}, ` +
      `${machine.cores} cores (${machine.cpu}); jobs of 200 bytes; medians of rounds A B A B ..., ratios by pairs.` +
      '\nKept 24 h: of ours the status of each job, of BullMQ the job (`removeOnComplete: { age: 86400 }`).',
  );
  if (args.json !== undefined) {
    const content = { date: new Date().toISOString(), quick: args.quick, machine, verdicts };
    await writeFile(args.json, `${JSON.stringify(content, undefined, 2)}\n`);
  }
}
