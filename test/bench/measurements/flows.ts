import type { Result } from '../report/result.js';
import { percentile } from '../report/statistics.js';
import type { Timing } from '../subject/bench-system.js';
import type { Subject } from '../subject/subject.js';
import { CHAIN, type Use } from '../systems/system.interface.js';
import { OURS_AND_BULLMQ } from '../systems/systems.js';
import type { Measurement } from './measurement.interface.js';
import { measureParts } from './parts.js';
import { inTurn, mapSamples } from './rounds.js';
import { BATCH, BYTES, onlyOf } from './workload.js';

const BATCH_ROW = {
  id: 'flows.batch',
  title: 'empty jobs of one batch with callbacks, pushed and run; BullMQ: children of one parent',
  use: 'batch',
} as const;
const CHAINS_ROW = { id: 'flows.chains', title: 'empty jobs of chains of 5, pushed and run', use: 'chains' } as const;

/** Measures the rate of jobs of a batch and of chains, their part of the rate of the same jobs alone, and the time from one job of a chain to the next. */
export const flows: Measurement = {
  name: 'flows',
  systems: OURS_AND_BULLMQ,
  async run(bench) {
    const own = onlyOf(bench, ['ours']);
    const hops = await inTurn(own, bench.effort.rounds, (subject) =>
      subject.run('hops', { bytes: BYTES, retention: '24h', concurrency: 10, count: bench.effort.latencySamples }),
    );
    const hopTimes = (percent: number) => mapSamples(hops, (sample) => percentile(sample.hops, percent));
    return [
      ...(await measureParts(bench, [BATCH_ROW], timeBatch)),
      ...(await measureParts(own, [CHAINS_ROW], timeChains)),
      ...[50, 99].map((percent): Result => {
        return {
          id: `flows.hop.p${percent}`,
          title: `end of a job to start of the next one of its chain, p${percent}`,
          unit: 'ms',
          values: hopTimes(percent),
        };
      }),
      {
        id: 'flows.hop.times',
        title: 'the same, p50: times push to start',
        unit: 'part',
        values: mapSamples(hops, (sample) => percentile(sample.hops, 50) / percentile(sample.pushes, 50)),
      },
    ];
  },
};

/** Pushes jobs and runs them. Chains are whole; in the beginning only their first jobs are there. */
function timeChains(subject: Subject, count: number, use?: Use): Promise<Timing> {
  const jobs = count - (count % CHAIN);
  return timeAll(subject, { use, jobs, batch: BATCH, callbacks: 0, concurrency: Math.min(100, jobs / CHAIN) });
}

/** Pushes all jobs of a batch in one call, and runs them and the callbacks. */
function timeBatch(subject: Subject, jobs: number, use?: Use): Promise<Timing> {
  const callbacks = use === undefined ? 0 : subject.system === 'ours' ? 2 : 1;
  return timeAll(subject, { use, jobs, batch: use === undefined ? BATCH : jobs, callbacks, concurrency: 100 });
}

interface FlowTask {
  readonly use: Use | undefined;
  readonly jobs: number;
  readonly batch: number;
  readonly callbacks: number;
  readonly concurrency: number;
}

async function timeAll(subject: Subject, { use, jobs, batch, callbacks, concurrency }: FlowTask): Promise<Timing> {
  const options = { use, bytes: BYTES, retention: '24h' } as const;
  const push = await subject.run('pushMany', { ...options, count: jobs, batch });
  const work = await subject.run('work', { ...options, count: jobs + callbacks, concurrency });
  return { jobs, seconds: push.seconds + work.seconds, processor: push.processor + work.processor };
}
