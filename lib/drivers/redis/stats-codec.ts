import { COUNTED_KINDS, SAMPLE_BASE } from '../queue-stats.interface.js';
import type { Settlement } from '../queue-driver.interface.js';
import { FIELDS } from './stats-fields.js';

/** The first character of a code: it stands for 0. */
const ZERO = 48;
/** The code of a settlement that is not counted. */
const UNCOUNTED = '-00';

/** The arguments of the script part `stats`. */
export interface StatsArgs {
  readonly counted: string;
  readonly completedCodes: string;
  readonly otherCodes: string;
}

const NOTHING: StatsArgs = { counted: '', completedCodes: '', otherCodes: '' };

/**
 * Adds up the samples of one poll, and makes a code of each settlement. It is one function because each job passes through it.
 *
 * @param completed the settlements that the script gets as completed jobs, in their order
 * @param others the other settlements
 */
export function encodeStats(completed: readonly Settlement[], others: readonly Settlement[]): StatsArgs {
  const sums = new Uint16Array(FIELDS.length);
  const touched: number[] = [];
  const codes = ['', ''];
  for (const [group, settlements] of [completed, others].entries()) {
    for (const { kind, sample } of settlements) {
      if (sample === undefined || kind === 'release' || kind === 'cancel') {
        codes[group] += UNCOUNTED;
        continue;
      }
      const index = group === 0 ? 0 : COUNTED_KINDS.indexOf(kind);
      const wait = sample % SAMPLE_BASE;
      const run = (sample - wait) / SAMPLE_BASE;
      codes[group] += String.fromCharCode(ZERO + index, ZERO + run, ZERO + wait);
      if (sums[index]!++ === 0) touched.push(index);
      // The counters of `countersOf()`.
      const runCounter = COUNTED_KINDS.length + 2 * (run - 1);
      const waitCounter = COUNTED_KINDS.length + 2 * wait - 1;
      if (run > 0 && sums[runCounter]!++ === 0) touched.push(runCounter);
      if (wait > 0 && sums[waitCounter]!++ === 0) touched.push(waitCounter);
    }
  }
  if (touched.length === 0) return NOTHING;
  const counted: string[] = [];
  // Lua passes a text on faster than a number.
  for (const counter of touched) counted.push(FIELDS[counter]!, String(sums[counter]));
  return { counted: JSON.stringify(counted), completedCodes: codes[0]!, otherCodes: codes[1]! };
}
