import type { Result } from '../report/result.js';
import type { Subject } from '../subject/subject.js';
import { OURS_AND_BULLMQ } from '../systems/systems.js';
import type { Measurement } from './measurement.interface.js';
import { inTurn, mapSamples, warmUp } from './rounds.js';
import { BATCH, BYTES, fill } from './workload.js';

const PERCENTS = [50, 99];
const OPTIONS = { bytes: BYTES, retention: 'none', concurrency: 100 } as const;
/** The load, as a share of the rate that the system can run. */
const LOAD = 0.5;
/** Multiplies the time limit, because a round takes several seconds. */
const TIME_LIMIT_FACTOR = 2;

/**
 * Measures the time from a push to the start of the handler under load. Another process pushes many jobs in a call, every
 * 10 ms, at half of the rate that the system was measured to run.
 */
export const loadedLatency: Measurement = {
  name: 'loaded-latency',
  systems: OURS_AND_BULLMQ,
  async run(bench) {
    const { effort } = bench;
    const rates = await warmUp(bench, async (subject, count) => {
      await fill(subject, count, OPTIONS.retention);
      return subject.run('work', { ...OPTIONS, count });
    });
    const pushers = new Map<Subject, Subject>(bench.subjects.map((subject) => [subject, bench.spawn(subject.system)]));
    await warmUp({ ...bench, subjects: [...pushers.values()] }, (subject, count) =>
      subject.run('pushMany', { ...OPTIONS, count, batch: BATCH }),
    );
    const longer = { ...bench, effort: { ...effort, timeLimit: effort.timeLimit * TIME_LIMIT_FACTOR } };
    const samples = await inTurn(longer, effort.rounds, async (subject) => {
      const load = { ...OPTIONS, rate: rates.get(subject)! * LOAD, seconds: effort.loadedSeconds };
      const [received, pushed] = await Promise.all([
        subject.run('receive', { ...OPTIONS, percents: PERCENTS }),
        pushers.get(subject)!.run('pushSteadily', load),
      ]);
      if (received.jobs !== pushed) throw new Error(`${subject.system} ran ${received.jobs} jobs of ${pushed}`);
      return received.percentiles;
    });
    return PERCENTS.map((percent, i): Result => ({
      id: `loaded-latency.p${percent}`,
      title: `push to start, half of the load it can work, p${percent}`,
      unit: 'ms',
      values: mapSamples(samples, (percentiles) => percentiles[i]!),
    }));
  },
};
