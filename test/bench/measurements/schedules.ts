import { setTimeout as pause } from 'node:timers/promises';
import type { Result } from '../report/result.js';
import type { Measurement } from './measurement.interface.js';
import { inTurn, mapSamples } from './rounds.js';
import { BYTES } from './workload.js';

const SCHEDULES = 10_000;
/** How long to wait until the schedules are set and the worker is idle, in seconds. */
const REST = 15;
const OPTIONS = { bytes: BYTES, retention: '24h', concurrency: 10, rest: REST, schedules: SCHEDULES } as const;

/** Measures the cost of a worker that waits for jobs, beside schedules that are due tomorrow. */
export const schedules: Measurement = {
  name: 'schedules',
  systems: ['ours'],
  async run(bench) {
    const { idleSeconds: seconds } = bench.effort;
    const samples = await inTurn(bench, 1, async (subject) => {
      const idling = subject.run('idle', { ...OPTIONS, seconds });
      await pause(REST * 1000);
      const { commands, microseconds } = await bench.server.watch(seconds);
      await idling;
      return { commands: commands / seconds, server: microseconds / seconds };
    });
    const title = `idle worker beside ${SCHEDULES.toLocaleString('en-US')} schedules`;
    return [
      {
        id: 'schedules.commands',
        title: `${title}: commands`,
        unit: 'commands/s',
        values: mapSamples(samples, (each) => each.commands),
      },
      {
        id: 'schedules.server',
        title: `${title}: server time in commands`,
        unit: 'us/s',
        values: mapSamples(samples, (each) => each.server),
      },
    ] satisfies Result[];
  },
};
