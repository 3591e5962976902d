import { OURS_AND_BULLMQ } from '../systems/systems.js';
import type { Measurement } from './measurement.interface.js';
import { measureParts } from './parts.js';
import { BATCH, BYTES } from './workload.js';

const TITLE = 'empty jobs, concurrency 100';

/** Measures the rate of empty jobs of a queue with a limit that is not reached, and its part of the rate without. */
export const limits: Measurement = {
  name: 'limits',
  systems: OURS_AND_BULLMQ,
  run: (bench) =>
    measureParts(
      bench,
      [
        { id: 'limits.concurrency', title: `${TITLE}, a concurrency of the queue, not reached`, use: 'concurrency' },
        { id: 'limits.rate', title: `${TITLE}, a rate limit of the queue, not reached`, use: 'rate' },
      ],
      async (subject, count, use) => {
        const options = { bytes: BYTES, retention: 'none', count, use } as const;
        await subject.run('pushMany', { ...options, batch: BATCH });
        return subject.run('work', { ...options, concurrency: 100 });
      },
    ),
};
