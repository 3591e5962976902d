import { OURS_AND_BULLMQ } from '../systems/systems.js';
import type { Measurement } from './measurement.interface.js';
import { measureRate } from './rounds.js';
import { BATCH, BYTES } from './workload.js';

/** Measures the rate of pushes of debounced jobs: of a thousand keys, so that most of them replace a job. */
export const debounce: Measurement = {
  name: 'debounce',
  systems: OURS_AND_BULLMQ,
  async run(bench) {
    const options = { bytes: BYTES, retention: '24h', batch: BATCH, use: 'debounce' } as const;
    const values = await measureRate(bench, async (subject, count) => subject.run('pushMany', { ...options, count }));
    return [{ id: 'debounce.push', title: 'push debounced jobs of 1,000 keys', unit: 'jobs/s', values }];
  },
};
