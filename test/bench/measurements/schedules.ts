import { setTimeout as pause } from 'node:timers/promises';
import type { Result } from '../report/result.js';
import { percentile } from '../report/statistics.js';
import type { Measurement } from './measurement.interface.js';
import { inTurn, mapSamples } from './rounds.js';
import { BYTES } from './workload.js';

const SCHEDULES = 10_000;
/** How long to wait until the schedules are set and the worker is idle, in seconds. */
const REST = 15;
const OPTIONS = { bytes: BYTES, retention: '24h', concurrency: 10, rest: REST, schedules: SCHEDULES } as const;

/** The distance of two occurrences whose delays are measured, in milliseconds. */
const EVERY = 100;

/** Measures the cost of a worker that waits for jobs, beside schedules that are due tomorrow; and how late the jobs of a schedule start. */
export const schedules: Measurement = {
  name: 'schedules',
  systems: ['ours'],
  async run(bench) {
    const { idleSeconds: seconds, rounds, latencySamples: count } = bench.effort;
    const samples = await inTurn(bench, 1, async (subject) => {
      const idling = subject.run('idle', { ...OPTIONS, seconds });
      await pause(REST * 1000);
      const { commands, microseconds } = await bench.server.watch(seconds);
      await idling;
      return { commands: commands / seconds, server: microseconds / seconds };
    });
    const late = await inTurn(bench, rounds, (subject) =>
      subject.run('occurrences', { bytes: BYTES, retention: '24h', concurrency: 10, every: EVERY, count }),
    );
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
      ...[50, 99].map((percent): Result => {
        return {
          id: `schedules.late.p${percent}`,
          title: `time of an occurrence to start of its job, quiet queue, p${percent}`,
          unit: 'ms',
          values: mapSamples(late, (times) => percentile(times, percent)),
        };
      }),
    ] satisfies Result[];
  },
};
