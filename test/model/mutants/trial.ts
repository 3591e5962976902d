import { register } from 'node:module';
import { Redis } from 'ioredis';
import type { QueueDriver } from '../../../lib/drivers/queue-driver.interface.js';
import type { ModelRun } from '../run-model.js';
import type { Subject } from '../subject.interface.js';
import { startRedis } from '../../support/redis-server.js';
import { fileOf, mutate, type Mutant } from './mutant.js';
import { MUTANTS } from './mutants.js';
import { UNCHANGED_FLOWS } from './try-mutant.js';

/**
 * Runs the model against one mutant, in its own process: `trial.ts NUMBER SEED`. Prints the result as JSON; the number
 * -1 stands for the unchanged library, -2 for it with the model of flows. The examples of the model come first: they are quick, and have the faults that
 * a random run reaches by chance only, or never.
 */
/** The runs of one trial: three times those of the model's own test, since some faults need a rare order of calls. */
const TRIAL_RUNS = 1_500;
/** The runs of the model of flows. */
const FLOW_RUNS = 150;

const [index, seed] = process.argv.slice(2).map(Number) as [number, number];
const mutant = MUTANTS[index];
if (mutant) register('./mutant-hooks.mjs', import.meta.url, { data: await faultOf(mutant) });
process.stdout.write(JSON.stringify(await run()));

async function faultOf(fault: Mutant): Promise<{ url: string; source: string }> {
  return { url: fileOf(fault).href, source: await mutate(fault) };
}

async function run(): Promise<ModelRun> {
  // Import the model after the hook is set: Node does not load a file twice.
  const { runModel, runExamples } = await import('../run-model.js');
  const attempt = async (subject: Subject): Promise<ModelRun> => {
    const failure = await runExamples(subject);
    return failure ? { runs: 0, commands: 0, failure } : runModel(subject, { seed, runs: TRIAL_RUNS, shrinks: false });
  };
  const ofFlows = mutant?.model === 'flows' || index === UNCHANGED_FLOWS;
  if (ofFlows && mutant?.driver === 'array') return runFlows(async ({ connectArray }) => connectArray());
  if (mutant?.driver === 'array') {
    const { ArraySubject } = await import('../array.subject.js');
    return attempt(new ArraySubject());
  }
  const { RedisSubject } = await import('../redis.subject.js');
  const server = await startRedis();
  const client = new Redis(server.url);
  try {
    if (ofFlows) return await runFlows(async ({ connectRedis }) => connectRedis(client, server.url));
    return await attempt(new RedisSubject(client));
  } finally {
    client.disconnect();
    // Without this timer the process would end before the server has ended.
    const waiting = setInterval(() => undefined, 1_000);
    await server.stop();
    clearInterval(waiting);
  }
}

type Connect = typeof import('../flows/connect.js');

async function runFlows(connect: (make: Connect) => Promise<QueueDriver>): Promise<ModelRun> {
  const [{ runFlowModel }, make] = await Promise.all([
    import('../flows/run-flow-model.js'),
    import('../flows/connect.js'),
  ]);
  return runFlowModel(() => connect(make), { seed, runs: FLOW_RUNS, shrinks: false });
}
