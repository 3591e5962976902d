/** The limits of the pause before the next attempt; seconds. */
export interface RetryPolicy {
  readonly maxRetryDelay: number;
  /** How far pauses are spread, as a fraction of the pause. */
  readonly retryJitter: number;
}

/**
 * Calculates the pause of exponential backoff after a failed attempt, in seconds: `retryDelay * 2^(attempt - 1)`, at most `maxRetryDelay`.
 *
 * The pause is spread, because jobs that failed together would else run again together: it is up to `retryJitter` longer, and
 * at `maxRetryDelay` up to `retryJitter` shorter.
 *
 * @param attempt the number of the attempt that failed, from 1
 * @param random a number in [0, 1)
 */
export function retryPause(attempt: number, retryDelay: number, policy: RetryPolicy, random: number): number {
  // Without this case the 1,025th attempt would multiply 0 by Infinity.
  const pause = retryDelay === 0 ? 0 : retryDelay * 2 ** (attempt - 1);
  const spread = random * policy.retryJitter;
  if (pause >= policy.maxRetryDelay) return policy.maxRetryDelay * (1 - spread);
  return Math.min(pause * (1 + spread), policy.maxRetryDelay);
}

/** Returns the pause of a list after a failed attempt, from 1; the last pause repeats. @param pauses at least one */
export function pauseOf(pauses: readonly number[], attempt: number): number {
  return pauses[Math.min(attempt, pauses.length) - 1]!;
}

/** Makes a pause up to `retryJitter` longer. @param random a number in [0, 1) */
export function spreadPause(pause: number, retryJitter: number, random: number): number {
  return pause * (1 + random * retryJitter);
}
