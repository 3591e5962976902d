/** How the pause before the next attempt grows; seconds. */
export interface RetryPolicy {
  readonly maxRetryDelay: number;
  /** How far pauses are spread, as a part of themselves. */
  readonly retryJitter: number;
}

/**
 * The pause after a failed attempt, in seconds: `retryDelay * 2^(attempt - 1)`, at most `maxRetryDelay`.
 *
 * It is spread, so that jobs which failed together do not come back together: up to `retryJitter` longer; at the cap up
 * to `retryJitter` shorter.
 *
 * @param attempt the number of the attempt that failed, from 1
 * @param random a number in [0, 1)
 */
export function retryPause(attempt: number, retryDelay: number, policy: RetryPolicy, random: number): number {
  // Apart, since from the 1,025th attempt on it would be 0 * Infinity.
  const pause = retryDelay === 0 ? 0 : retryDelay * 2 ** (attempt - 1);
  const spread = random * policy.retryJitter;
  if (pause >= policy.maxRetryDelay) return policy.maxRetryDelay * (1 - spread);
  return Math.min(pause * (1 + spread), policy.maxRetryDelay);
}
