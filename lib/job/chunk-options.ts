import { InvalidOptionError } from '../queue.errors.js';
import { duration, integer } from '../support/checks.js';
import type { Duration } from '../support/duration.js';
import type { OptionReader } from '../support/option-reader.js';

/** How jobs of one name are collected for one call of `handleChunk`. */
export interface ChunkOptions {
  /** The most jobs of one call; from 1 to 1,000. */
  size: number;
  /**
   * How long a worker waits for further jobs, from the first one on; at most 1 h. Default: 0, it takes the jobs that are ready.
   */
  wait?: Duration;
}

/** {@link ChunkOptions}, checked. */
export interface CheckedChunk {
  readonly size: number;
  /** Seconds. */
  readonly wait: number;
}

const OPTIONS = ['size', 'wait'] as const satisfies readonly (keyof ChunkOptions)[];
const sizeCheck = integer(1, 1000);
/** The jobs that wait are in the memory of one worker: no other one can run them. In seconds. */
const LONGEST_WAIT = 3600;
const waitCheck = duration(0, LONGEST_WAIT, LONGEST_WAIT);

/** Reads the option `chunk`; `undefined` if it is not given. @throws InvalidOptionError */
export function readChunk(options: OptionReader): CheckedChunk | undefined {
  if (options.raw('chunk') === undefined) return undefined;
  const chunk = options.below('chunk');
  chunk.refuseOthers(OPTIONS);
  const size = chunk.get('size', sizeCheck);
  if (size === undefined) throw new InvalidOptionError(chunk.at('size'), sizeCheck.expected, undefined);
  return { size, wait: chunk.get('wait', waitCheck) ?? 0 };
}
