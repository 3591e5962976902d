import type { Target } from './result.js';

/** What the library has to reach, by the id of the result. */
export const TARGETS: Readonly<Record<string, Target>> = {
  'push.one': { is: 'at least', ratio: 1 },
  'push.at-once': { is: 'at least', ratio: 1 },
  'push-many.1000': { is: 'at least', ratio: 4 },
  'push-many.5000': { is: 'at least', ratio: 4 },
  'throughput.100': { is: 'at least', ratio: 8 },
  'throughput.100.kept': { is: 'at least', ratio: 4 },
  'latency.p50': { is: 'at most', ratio: 1 },
  'memory.waiting': { is: 'at most', ratio: 1 },
};
