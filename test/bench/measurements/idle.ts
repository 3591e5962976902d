import { setTimeout as pause } from 'node:timers/promises';
import type { Result, Unit } from '../report/result.js';
import { OURS_AND_BULLMQ } from '../systems/systems.js';
import type { Measurement } from './measurement.interface.js';
import { inTurn, mapSamples } from './rounds.js';
import { BYTES } from './workload.js';

/** How long to wait until the worker is idle, in seconds. */
const REST = 2;
const OPTIONS = { bytes: BYTES, retention: '24h', concurrency: 10, rest: REST } as const;

/** The cost of an idle worker in a second. */
interface IdleSecond {
  /** The commands that it sends. */
  readonly commands: number;
  /** The microseconds of the server for its commands. */
  readonly server: number;
  /** The milliseconds of processor time of its process. */
  readonly client: number;
}

const FIGURES: readonly { key: keyof IdleSecond; title: string; unit: Unit }[] = [
  { key: 'commands', title: 'idle worker: commands', unit: 'commands/s' },
  { key: 'server', title: 'idle worker: server time in commands', unit: 'us/s' },
  { key: 'client', title: 'idle worker: Node time', unit: 'ms/s' },
];

/** Measures the cost of a worker that waits for jobs. */
export const idle: Measurement = {
  name: 'idle',
  systems: OURS_AND_BULLMQ,
  async run(bench) {
    const { idleSeconds: seconds } = bench.effort;
    const samples = await inTurn(bench, 1, async (subject): Promise<IdleSecond> => {
      const idling = subject.run('idle', { ...OPTIONS, seconds });
      await pause(REST * 1000);
      const { commands, microseconds } = await bench.server.watch(seconds);
      return { commands: commands / seconds, server: microseconds / seconds, client: await idling };
    });
    return FIGURES.map(({ key, title, unit }): Result => {
      return { id: `idle.${key}`, title, unit, values: mapSamples(samples, (second) => second[key]) };
    });
  },
};
