import type { Use } from '../systems/system.interface.js';
import type { Measurement } from './measurement.interface.js';
import { measureParts } from './parts.js';
import { BATCH, BYTES } from './workload.js';

/** What the jobs use, with the title of the row. */
const USES = {
  results: 'each keeps its result',
  progress: 'each tells its progress once',
  logs: 'each logs two lines',
  releases: 'each is released once',
  chunks: '100 in one call',
  expiry: 'each has to start within an hour',
  retryFor: 'each has a time for tries',
  middleware: 'one middleware around each',
  carriers: 'each carries a tenant',
  events: 'their events told to all processes',
  metrics: 'measured for Prometheus',
  tracing: 'traced with OpenTelemetry',
} as const satisfies Partial<Record<Use, string>>;

/** Measures the rate of empty jobs that tell or use something, and its part of the rate of the same jobs without. */
export const telling: Measurement = {
  name: 'telling',
  systems: ['ours'],
  run: (bench) =>
    measureParts(
      bench,
      (Object.keys(USES) as (keyof typeof USES)[]).map((use) => ({
        id: `telling.${use}`,
        title: `empty jobs, concurrency 100, kept 24 h, ${USES[use]}`,
        use,
      })),
      async (subject, count, use) => {
        const options = { bytes: BYTES, retention: '24h', count, use } as const;
        await subject.run('pushMany', { ...options, batch: BATCH });
        return subject.run('work', { ...options, concurrency: 100 });
      },
    ),
};
