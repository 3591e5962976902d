import type { Measurement } from './measurement.interface.js';
import { measureRate } from './rounds.js';
import { BATCH, BYTES } from './workload.js';

const OPTIONS = { bytes: BYTES, retention: '24h', batch: BATCH } as const;

/** Thousands of jobs in a call, against `queue.addBulk`. */
export const pushMany: Measurement = {
  name: 'push-many',
  async run(bench) {
    const values = await measureRate(bench, (subject, count) => subject.run('pushMany', { ...OPTIONS, count }));
    const title = `pushMany, ${BATCH.toLocaleString('en-US')} a call`;
    return [{ id: 'push-many', title, unit: 'jobs/s', values }];
  },
};
