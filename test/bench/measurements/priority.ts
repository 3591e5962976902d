import { OURS_AND_BULLMQ } from '../systems/systems.js';
import type { Measurement } from './measurement.interface.js';
import { measureParts } from './parts.js';
import { timePushAndWork } from './workload.js';

/** Measures the rate at which jobs of 21 priorities are pushed and run, and its part of the rate of jobs without. */
export const priority: Measurement = {
  name: 'priority',
  systems: OURS_AND_BULLMQ,
  run: (bench) =>
    measureParts(
      bench,
      [{ id: 'priority', title: 'empty jobs of 21 priorities, pushed and run, concurrency 100', use: 'priority' }],
      (subject, count, use) => timePushAndWork(subject, { count, use, retention: 'none' }),
    ),
};
