import { duration, type Check } from '../support/checks.js';
import type { Duration } from '../support/duration.js';
import type { OptionReader } from '../support/option-reader.js';
import { keyCheck, ownKeyCheck } from './unique-options.js';

/** How pushes are put together, in `@Job()` and `defineJob()`. `Input` is the data as a push takes it. */
export interface DebounceOptions<Data = unknown, Input = Data> {
  /**
   * Pushes of one key are put together, within a queue and a job name: 1 to 256 characters without control characters; or a function
   * that makes it of the data.
   */
  key: string | ((data: Data) => string);
  /** How long a job waits from its last push on; at least 1 ms. */
  wait: Duration;
  /** The longest time that a job waits from its first push on; at least 1 ms. Default: as long as pushes come. */
  maxWait?: Duration;
  /**
   * Makes the data of the job from the data of the job that waits and of the push. It may be called again, if the job has changed
   * meanwhile. Default: the data of the push.
   */
  merge?: (waiting: Input, pushed: Input) => Input;
}

/** How pushes are put together, in the options of a push: the key as a value. What it does not give comes from the class. */
export interface PushDebounceOptions {
  key?: string;
  wait?: Duration;
  maxWait?: Duration;
}

/** {@link DebounceOptions}, checked; seconds. */
export interface CheckedDebounce {
  readonly key?: string | ((data: unknown) => unknown);
  readonly wait?: number;
  readonly maxWait?: number;
  readonly merge?: Merge;
}

export type Merge = (waiting: unknown, pushed: unknown) => unknown;

const timeCheck = duration(0.001);
const mergeCheck: Check<Merge> = {
  expected: 'a function of the waiting and of the pushed data',
  read: (value) => (typeof value === 'function' ? (value as Merge) : undefined),
};
const PUSH_OPTIONS = ['key', 'wait', 'maxWait'] as const satisfies readonly (keyof PushDebounceOptions)[];
const OPTIONS = [...PUSH_OPTIONS, 'merge'] as const satisfies readonly (keyof DebounceOptions)[];

/**
 * Reads the option `debounce`; `undefined` if it is not given.
 *
 * @param isPush true for the options of a push, which take no function
 * @throws InvalidOptionError
 */
export function readDebounce(options: OptionReader, isPush = false): CheckedDebounce | undefined {
  if (options.raw('debounce') === undefined) return undefined;
  const given = options.below('debounce');
  given.refuseOthers(isPush ? PUSH_OPTIONS : OPTIONS);
  const read = {
    key: given.get('key', isPush ? keyCheck : ownKeyCheck),
    wait: given.get('wait', timeCheck),
    maxWait: given.get('maxWait', timeCheck),
    merge: isPush ? undefined : given.get('merge', mergeCheck),
  };
  return Object.freeze(Object.fromEntries(Object.entries(read).filter(([, each]) => each !== undefined)));
}
