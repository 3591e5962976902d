import type { Result } from '../report/result.js';
import { QUEUE_SYSTEMS } from '../systems/systems.js';
import type { Bench, Measurement } from './measurement.interface.js';
import { measureRate } from './rounds.js';
import { BYTES } from './workload.js';

/** The numbers of jobs in a call. BullMQ is fastest with the smaller one. */
const BATCHES = [1_000, 5_000];

/** Measures pushes of thousands of jobs in a call, against `queue.addBulk`. */
export const pushMany: Measurement = {
  name: 'push-many',
  systems: QUEUE_SYSTEMS,
  async run(bench) {
    const results: Result[] = [];
    for (const batch of BATCHES) results.push(await measure(bench, batch));
    return results;
  },
};

async function measure(bench: Bench, batch: number): Promise<Result> {
  const options = { bytes: BYTES, retention: '24h', batch } as const;
  const values = await measureRate(bench, (subject, count) => subject.run('pushMany', { ...options, count }));
  const title = `pushMany, ${batch.toLocaleString('en-US')} a call`;
  return { id: `push-many.${batch}`, title, unit: 'jobs/s', values };
}
