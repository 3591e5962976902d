import { SAMPLE_BASE } from '../queue-stats.interface.js';

// The ends of the keys of the statistics.
export const MINUTE = 'm:';
export const HOUR = 'h:';
/** The number of the last minute in which something was counted: it is not part of its hour yet. */
export const LAST_MINUTE = 'last';

// The beginnings of the fields of runs and of waits; the number of the bucket follows.
export const RUN = 'run:';
export const WAIT = 'wait:';

/** The field of each counter. */
export const FIELDS: readonly string[] = [
  'completed',
  'failed',
  'retried',
  ...Array.from({ length: 2 * SAMPLE_BASE }, (_, i) => `${i % 2 === 0 ? RUN : WAIT}${Math.floor(i / 2) + 1}`),
];

const COUNTERS: ReadonlyMap<string, number> = new Map(FIELDS.map((field, counter) => [field, counter]));

/** Reads the counters of a period. A field of another program is left out. @param stored fields and values in turn */
export function readCounters(stored: readonly string[]): number[] {
  const counters: number[] = [];
  for (let i = 0; i < stored.length; i += 2) {
    const counter = COUNTERS.get(stored[i]!);
    if (counter === undefined) continue;
    while (counters.length <= counter) counters.push(0);
    // Two periods may be told as one: an hour, and the minute that is not part of it yet.
    counters[counter]! += Number(stored[i + 1]) || 0;
  }
  return counters;
}
