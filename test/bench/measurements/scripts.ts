import { compileScript } from '../../../lib/drivers/redis/scripts/script.js';
import type { Result } from '../report/result.js';
import { percentile } from '../report/statistics.js';
import { describeCommand, isOfQueue, timesOfScript } from '../server/slowlog.js';
import type { Bench, Measurement } from './measurement.interface.js';
import { warmUp } from './rounds.js';
import { SCRIPT_CASES, type ScriptCase } from './script-cases.js';
import { ScriptStage } from './script-stage.js';
import { BYTES, fill } from './workload.js';

/** The number of first calls that do not count: the server loads the script in the first one. */
const FIRST_CALLS = 10;
/**
 * The server logs calls that take at least this long, in microseconds. With a lower threshold it would also log the commands
 * inside a script, which would slow down the script.
 */
const THRESHOLD = 20;
/** The limit for any command of a queue, in microseconds. */
const SLOW = 10_000;

/** The names of the scripts by their hashes. */
const SCRIPT_NAMES = new Map(SCRIPT_CASES.map(({ script }) => [compileScript(script).sha, script.name]));

/** Measures how long each script of the library blocks the server, with the most work that it ever gets. */
export const scripts: Measurement = {
  name: 'scripts',
  systems: ['ours'],
  async run(bench) {
    const results: Result[] = [];
    for (const scriptCase of SCRIPT_CASES) results.push(await measure(bench, scriptCase));
    return [...results, await countSlow(bench)];
  },
};

async function measure({ server, effort }: Bench, { id, title, script, prepare }: ScriptCase): Promise<Result> {
  await server.empty();
  const stage = await ScriptStage.open(server);
  try {
    const call = await prepare(stage, FIRST_CALLS + effort.scriptCalls);
    for (let i = 0; i < FIRST_CALLS; i++) await call();
    await server.startSlowlog(THRESHOLD);
    for (let i = 0; i < effort.scriptCalls; i++) await call();
    const times = timesOfScript(await server.slowlog(), compileScript(script).sha, effort.scriptCalls, THRESHOLD);
    const milliseconds = times.map((time) => time / 1000);
    return {
      id: `scripts.${id}`,
      title: `script ${title}, p99`,
      unit: 'ms',
      values: { ours: [percentile(milliseconds, 99)] },
      most: Math.max(...milliseconds),
    };
  } finally {
    await stage.close();
  }
}

/** Counts the slow commands while jobs are pushed and run at full speed. */
async function countSlow(bench: Bench): Promise<Result> {
  const options = { bytes: BYTES, retention: '24h', concurrency: 100 } as const;
  await bench.server.startSlowlog(SLOW);
  await warmUp(bench, async (subject, count) => {
    await fill(subject, count, options.retention);
    return subject.run('work', { ...options, count });
  });
  const slow = (await bench.server.slowlog()).filter(isOfQueue);
  for (const command of slow) console.error(`slow: ${describeCommand(command, SCRIPT_NAMES)}`);
  const title = `commands over ${SLOW / 1000} ms at full throughput, kept 24 h`;
  return { id: 'scripts.slow', title, unit: 'entries', values: { ours: [slow.length] } };
}
