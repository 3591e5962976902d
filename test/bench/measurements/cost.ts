import type { Result } from '../report/result.js';
import { timeInCommands } from '../server/info.js';
import type { Subject } from '../subject/subject.js';
import type { Retention } from '../systems/system.interface.js';
import { OURS_AND_BULLMQ } from '../systems/systems.js';
import type { Bench, Measurement } from './measurement.interface.js';
import { chooseCounts, inTurn, mapSamples, type TimedTask } from './rounds.js';
import { BATCH, BYTES, fill } from './workload.js';

const CONCURRENCY = 100;
/** The most rounds: these times vary little, so few rounds are enough. */
const MOST_ROUNDS = 5;

/** A part of the way of a job, with its preparation. */
interface Part {
  readonly id: string;
  readonly title: string;
  prepare(subject: Subject, count: number): Promise<void>;
  readonly task: TimedTask;
}

/** The processor time of a job, in microseconds. */
interface Cost {
  /** The time of the server in commands. */
  readonly commands: number;
  /** The whole time of the server, including reading requests and writing replies. */
  readonly server: number;
  /** The time of the process that pushes or runs the job. */
  readonly client: number;
}

const TITLES: Readonly<Record<keyof Cost, string>> = {
  commands: 'server time in commands',
  server: 'server time in all',
  client: 'Node time',
};

/** Measures the processor time of a job on the server and in the process. */
export const cost: Measurement = {
  name: 'cost',
  systems: OURS_AND_BULLMQ,
  async run(bench) {
    const results: Result[] = [];
    for (const part of [pushingOne, pushingMany, processing('none'), processing('24h')]) {
      results.push(...(await measure(bench, part)));
    }
    return results;
  },
};

const PUSH = { bytes: BYTES, retention: '24h' } as const;

const pushingOne: Part = {
  id: 'push',
  title: 'push',
  prepare: async () => undefined,
  task: (subject, count) => subject.run('pushInTurn', { ...PUSH, count }),
};

const pushingMany: Part = {
  id: 'push-many',
  title: 'pushMany',
  prepare: async () => undefined,
  task: (subject, count) => subject.run('pushMany', { ...PUSH, count, batch: BATCH }),
};

function processing(retention: Retention): Part {
  return {
    id: retention === 'none' ? 'work' : 'work.kept',
    title: retention === 'none' ? 'work' : 'work, kept 24 h',
    prepare: (subject, count) => fill(subject, count, retention),
    task: (subject, count) => subject.run('work', { bytes: BYTES, retention, count, concurrency: CONCURRENCY }),
  };
}

async function measure(bench: Bench, part: Part): Promise<Result[]> {
  const { server } = bench;
  const counts = await chooseCounts(bench, async (subject, count) => {
    await part.prepare(subject, count);
    return part.task(subject, count);
  });
  const samples = await inTurn(bench, Math.min(bench.effort.rounds, MOST_ROUNDS), async (subject): Promise<Cost> => {
    const count = counts.get(subject)!;
    await part.prepare(subject, count);
    await server.resetCommandStats();
    const before = await server.processorTime();
    const { jobs, processor } = await part.task(subject, count);
    const after = await server.processorTime();
    const commands = timeInCommands(await server.commandStats());
    return { commands: commands / count, server: (after - before) / count, client: (processor * 1e6) / jobs };
  });
  return (['commands', 'server', 'client'] as const).map((figure) => ({
    id: `cost.${part.id}.${figure}`,
    title: `${part.title}: ${TITLES[figure]}`,
    unit: 'us',
    values: mapSamples(samples, (sample) => sample[figure]),
  }));
}
