import { defineJob } from 'nestjs-job-queue';
import type { Asset } from './market.js';

export interface HistoryRequest extends Asset {
  /** The first day. */
  readonly from: number;
  /** Take the place of the prices that are stored. */
  readonly force: boolean;
}

/** Nothing is kept of a completed job; a failed one stays for operators. */
const RETENTION = { completed: 0, failed: '7d' } as const;

/** Twelve tries, a minute after the first one and then twice as long each time. */
const PATIENT = { maxTries: 12, retryDelay: '1m', maxRetryDelay: '1d', retryJitter: 0, retention: RETENTION } as const;

export const GatherProfile = defineJob<Asset>('gather-profile', { queue: 'profiles', ...PATIENT });

/** Each source is a group: see the rate limit of `history` in the module. */
export const GatherHistory = defineJob<HistoryRequest>('gather-history', {
  queue: 'history',
  group: ({ dataSource }) => dataSource,
  ...PATIENT,
});

export const GatherStatistic = defineJob<{ name: string }>('gather-statistic', {
  queue: 'statistics',
  maxTries: 5,
  retention: RETENTION,
});

export const STATISTICS = ['followers', 'stars', 'pulls', 'uptime'] as const;
