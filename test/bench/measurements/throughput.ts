import type { Result } from '../report/result.js';
import type { Retention } from '../systems/system.interface.js';
import { QUEUE_SYSTEMS } from '../systems/systems.js';
import type { Bench, Measurement } from './measurement.interface.js';
import { measureRate } from './rounds.js';
import { BYTES, fill } from './workload.js';

const CONCURRENCIES = [1, 10, 100];
const RETENTIONS: readonly Retention[] = ['none', '24h'];

/** Measures the rate of empty jobs that wait when the worker starts. */
export const throughput: Measurement = {
  name: 'throughput',
  systems: QUEUE_SYSTEMS,
  async run(bench) {
    const results: Result[] = [];
    for (const retention of RETENTIONS) {
      for (const concurrency of CONCURRENCIES) results.push(await measure(bench, concurrency, retention));
    }
    return results;
  },
};

async function measure(bench: Bench, concurrency: number, retention: Retention): Promise<Result> {
  const values = await measureRate(bench, async (subject, count) => {
    await fill(subject, count, retention);
    return subject.run('work', { bytes: BYTES, retention, count, concurrency });
  });
  const kept = retention === 'none' ? { id: '', title: '' } : { id: '.kept', title: ', kept 24 h' };
  return {
    id: `throughput.${concurrency}${kept.id}`,
    title: `empty jobs, concurrency ${concurrency}${kept.title}`,
    unit: 'jobs/s',
    values,
  };
}
