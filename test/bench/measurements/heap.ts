import { OURS_AND_BULLMQ } from '../systems/systems.js';
import type { Measurement } from './measurement.interface.js';
import { inTurn } from './rounds.js';
import { BATCH, BYTES } from './workload.js';

/** What a job takes in the heap of its process while it runs, its data included. It varies little: few rounds tell it. */
export const heap: Measurement = {
  name: 'heap',
  systems: OURS_AND_BULLMQ,
  async run(bench) {
    const count = bench.effort.heldJobs;
    const options = { bytes: BYTES, retention: 'none', batch: BATCH, count } as const;
    // What is loaded and compiled on the first time is no job's.
    await inTurn(bench, 1, (subject) => subject.run('hold', options));
    const values = await inTurn(bench, bench.effort.minRounds, (subject) => subject.run('hold', options));
    return [
      { id: 'heap', title: `heap of a running job (${count.toLocaleString('en-US')} at once)`, unit: 'bytes', values },
    ];
  },
};
