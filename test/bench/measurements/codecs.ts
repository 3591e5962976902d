import type { Use } from '../systems/system.interface.js';
import type { Measurement } from './measurement.interface.js';
import { measureParts } from './parts.js';
import { timePushAndWork } from './workload.js';

/** The steps that the data goes through, with the title of the row. */
const USES = {
  schema: 'checked by a schema at both sides',
  compressed: 'compressed',
  encrypted: 'encrypted',
} as const satisfies Partial<Record<Use, string>>;

/** Measures the rate at which jobs are pushed and run whose data is checked or encoded, and its part of the rate of the same jobs without. */
export const codecs: Measurement = {
  name: 'codecs',
  systems: ['ours'],
  run: (bench) =>
    measureParts(
      bench,
      (Object.keys(USES) as (keyof typeof USES)[]).map((use) => ({
        id: `codecs.${use}`,
        title: `jobs whose data is ${USES[use]}, pushed and run, kept 24 h`,
        use,
      })),
      (subject, count, use) => timePushAndWork(subject, { count, use, retention: '24h' }),
    ),
};
