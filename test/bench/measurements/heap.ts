import { OURS_AND_BULLMQ } from '../systems/systems.js';
import type { Measurement } from './measurement.interface.js';
import { inTurn } from './rounds.js';
import { BATCH, BYTES } from './workload.js';

/** Measures the heap memory of a running job, with its data. It varies little, so few rounds are enough. */
export const heap: Measurement = {
  name: 'heap',
  systems: OURS_AND_BULLMQ,
  async run(bench) {
    const count = bench.effort.heldJobs;
    const options = { bytes: BYTES, retention: 'none', batch: BATCH, count } as const;
    // The first run loads and compiles code, which is not memory of a job.
    await inTurn(bench, 1, (subject) => subject.run('hold', options));
    const values = await inTurn(bench, bench.effort.minRounds, (subject) => subject.run('hold', options));
    return [
      { id: 'heap', title: `heap of a running job (${count.toLocaleString('en-US')} at once)`, unit: 'bytes', values },
    ];
  },
};
