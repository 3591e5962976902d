import { duration } from '../support/checks.js';
import type { Duration } from '../support/duration.js';
import { OptionReader } from '../support/option-reader.js';

/** How long a queue is paused. */
export interface PauseOptions {
  /** The length of the pause, at least a millisecond. Default: until it is resumed. */
  readonly for?: Duration;
}

const OPTIONS = ['for'] as const satisfies readonly (keyof PauseOptions)[];
const pauseLength = duration(0.001);

/** Returns the length of a pause in milliseconds; `null` without an end. @throws InvalidOptionError */
export function readPause(options: PauseOptions): number | null {
  const given = OptionReader.of(options, 'pause');
  given.refuseOthers(OPTIONS);
  const seconds = given.get('for', pauseLength);
  return seconds === undefined ? null : Math.round(seconds * 1000);
}
