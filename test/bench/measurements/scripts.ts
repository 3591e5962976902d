import { compileScript } from '../../../lib/drivers/redis/scripts/script.js';
import type { Result } from '../report/result.js';
import { percentile } from '../report/statistics.js';
import { describeCommand, isOfQueue, timesOfScript } from '../server/slowlog.js';
import type { Bench, Measurement } from './measurement.interface.js';
import { warmUp } from './rounds.js';
import { SCRIPT_CASES, type ScriptCase } from './script-cases.js';
import { ScriptStage } from './script-stage.js';
import { BYTES, fill } from './workload.js';

/** Calls before those that count: the server has the script after the first. */
const FIRST_CALLS = 10;
/**
 * Calls that take as long are logged, in microseconds. With less the server would log each command within a script as well,
 * and the script would take longer by that.
 */
const THRESHOLD = 20;
/** What no command of a queue may take, in microseconds. */
const SLOW = 10_000;

/** By the hash that they are called by. */
const SCRIPT_NAMES = new Map(SCRIPT_CASES.map(({ script }) => [compileScript(script).sha, script.name]));

/** How long each script of the library keeps the server from others, with as much to do as it is ever given. */
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

/** How many commands are slow while a queue is filled and worked as fast as it can be. */
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
