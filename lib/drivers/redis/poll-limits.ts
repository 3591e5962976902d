import { isRequeue, type PollLimits, type Settlement } from '../queue-driver.interface.js';

/**
 * The limits of one poll, because Redis serves no other client meanwhile: a settlement other than `complete` takes it
 * five times as long. Two polls may be in flight, so that the next jobs are on their way while the client decodes those
 * of the last poll.
 */
export const POLL_LIMITS: PollLimits = { claims: 300, settlements: 300, costly: 125, inFlight: 2 };

/**
 * Sorts settlements so that parts of them can be sent in order: of the requeued jobs, the job that was claimed last
 * goes first.
 */
export function inSendingOrder(settlements: readonly Settlement[]): Settlement[] {
  const requeued = settlements.filter(isRequeue).toSorted((a, b) => b.fence - a.fence);
  return [...settlements.filter((settlement) => !isRequeue(settlement)), ...requeued];
}

/** Returns the first settlements, as many as one poll may settle. */
export function firstPart(settlements: readonly Settlement[]): readonly Settlement[] {
  let costly = 0;
  const most = Math.min(settlements.length, POLL_LIMITS.settlements);
  for (let at = 0; at < most; at++) {
    if (settlements[at]!.kind !== 'complete' && ++costly > POLL_LIMITS.costly) return settlements.slice(0, at);
  }
  return settlements.slice(0, most);
}
