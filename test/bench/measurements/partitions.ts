import type { Measurement } from './measurement.interface.js';
import { measureParts } from './parts.js';
import { timePushAndWork } from './workload.js';

/** Measures the rate of a queue with partitions on one server, and its part of the rate of a queue without. */
export const partitions: Measurement = {
  name: 'partitions',
  systems: ['ours'],
  run: (bench) =>
    measureParts(
      bench,
      [{ id: 'partitions', title: 'a queue of 8 partitions on one server, pushed and run', use: 'partitions' }],
      (subject, count, use) => timePushAndWork(subject, { count, use, retention: 'none' }),
    ),
};
