import { LONGEST_WAIT } from '../drivers/queue-waits.interface.js';
import { InvalidOptionError } from '../queue.errors.js';
import { duration, having } from '../support/checks.js';
import type { Duration } from '../support/duration.js';
import { OptionReader } from '../support/option-reader.js';

/** How long a caller waits for a job. */
export interface WaitOptions {
  /** How long to wait: at least a millisecond, at most a day. Required. */
  readonly timeout: Duration;
  /** Ends the wait when it is aborted: the promise rejects with its reason. The job goes on. */
  readonly signal?: AbortSignal;
}

/** The options of a wait, checked. */
export interface WaitLimits {
  /** Seconds. */
  readonly timeout: number;
  readonly signal: AbortSignal | undefined;
}

const WAIT_OPTIONS = ['timeout', 'signal'] as const satisfies readonly (keyof WaitOptions)[];
/** A larger number is nearly always meant in milliseconds. */
const MOST_SECONDS = 3_600;
const timeoutCheck = duration(0.001, LONGEST_WAIT / 1000, MOST_SECONDS);
const signalCheck = {
  ...having<AbortSignal>('addEventListener', 'removeEventListener', 'throwIfAborted'),
  expected: 'an AbortSignal',
};

/** Reads the options of `waitFor`. @throws InvalidOptionError */
export function readWaitOptions(options: unknown): WaitLimits {
  const given = OptionReader.of(options, 'wait options');
  given.refuseOthers(WAIT_OPTIONS);
  return readLimits(given);
}

/**
 * Reads the options of `pushAndWait`.
 *
 * @returns the limits of the wait, and the options that are left for the push, unchecked
 * @throws InvalidOptionError
 */
export function readPushAndWaitOptions(options: unknown): readonly [WaitLimits, Readonly<Record<string, unknown>>] {
  const limits = readLimits(OptionReader.of(options, 'wait options'));
  const { timeout: _timeout, signal: _signal, ...push } = options as Record<string, unknown>;
  return [limits, push];
}

function readLimits(given: OptionReader): WaitLimits {
  const timeout = given.get('timeout', timeoutCheck);
  if (timeout === undefined) throw new InvalidOptionError(given.at('timeout'), timeoutCheck.expected, undefined);
  return { timeout, signal: given.get('signal', signalCheck) };
}
