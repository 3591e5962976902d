import type { Measurement } from './measurement.interface.js';
import { measureParts } from './parts.js';
import { timePushAndWork } from './workload.js';

const TITLE = 'empty jobs of 1,000 groups, pushed and run, concurrency 100';

/** Measures the rate at which jobs of a thousand groups are pushed and run, and its part of the rate of jobs without. */
export const groups: Measurement = {
  name: 'groups',
  systems: ['ours'],
  run: (bench) =>
    measureParts(
      bench,
      [
        { id: 'groups', title: TITLE, use: 'groups' },
        { id: 'groups.concurrency', title: `${TITLE}, one of each group at once`, use: 'groupConcurrency' },
        { id: 'groups.rate', title: `${TITLE}, a rate limit of each, not reached`, use: 'groupRate' },
      ],
      (subject, count, use) => timePushAndWork(subject, { count, use, retention: 'none' }),
    ),
};
