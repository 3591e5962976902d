import type { Duration } from '../support/duration.js';
import type { ReleaseOptions } from './hold.js';
import type { JobContext } from './job-context.js';

/**
 * One job of a chunk. How it ends is decided by the last call of one of its methods. A decision counts when `handleChunk` has
 * ended. An item without a decision is completed if `handleChunk` resolves; if it rejects, that is a failed attempt of the item.
 */
export interface ChunkItem<Data = unknown, Result = void> {
  readonly data: Data;
  /** The context of the job: its id, its attempt, its signal, its progress. */
  readonly job: JobContext<Data>;
  /** Completes the job, also if `handleChunk` rejects. @param result the result: `keepResult` keeps it, and callers that wait get it */
  complete(result?: Result): void;
  /** Fails the job for good: no more tries, and `failed()` is called. */
  fail(error: unknown): void;
  /** Fails this attempt of the job: it is tried again after the usual pause, unless this was the last try. */
  retry(error: unknown): void;
  /**
   * Puts the job back. The attempt is not counted.
   *
   * @param delay how long to wait before the job may run again. Default: 0
   * @param options `hold`: what waits as long as the job does. Default: nothing
   * @throws {@link InvalidDelayError}, {@link InvalidOptionError}
   */
  release(delay?: Duration, options?: ReleaseOptions): void;
}
