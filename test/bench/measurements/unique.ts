import { OURS_AND_BULLMQ } from '../systems/systems.js';
import type { Measurement } from './measurement.interface.js';
import { measureParts } from './parts.js';
import { timePushAndWork } from './workload.js';

/** Measures the rate at which unique jobs are pushed and run, and its part of the rate of the same jobs that are not unique. */
export const unique: Measurement = {
  name: 'unique',
  systems: OURS_AND_BULLMQ,
  run: (bench) =>
    measureParts(
      bench,
      [{ id: 'unique', title: 'unique jobs, each of a key of its own, pushed and run, kept 24 h', use: 'unique' }],
      (subject, count, use) => timePushAndWork(subject, { count, use, retention: '24h' }),
    ),
};
