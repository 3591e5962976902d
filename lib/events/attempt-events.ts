import type { JobCancelledError } from '../queue.errors.js';
import type { JobOutcome } from '../job/job-outcome.js';
import type { Attempt } from '../middleware/job-stage.js';
import type { MonotonicClock } from '../support/clock.js';
import type { JobEvent } from './queue-event.interface.js';
import type { QueueEvents } from './queue-events.js';

/** Emits the event `started` of an attempt. Call it only if `events.observed.started` is true. */
export function emitStarted(events: QueueEvents, attempt: Attempt, now: number): void {
  events.emit('started', factsOf(attempt, now), attempt.record?.options.carried);
}

/**
 * Emits the event of the end of an attempt. Call it only if `events.listenerCount` is above 0, and only once for each attempt. The
 * end of a job whose lease was lost is no event: it does not count.
 */
export function emitEnded(events: QueueEvents, attempt: Attempt, outcome: JobOutcome, clock: MonotonicClock): void {
  if (outcome.kind === 'abandoned') return;
  if (outcome.kind === 'expired') {
    if (!events.observed.expired) return;
    events.emit('expired', { ...factsOf(attempt, clock.now()), attempt: 0 }, attempt.record?.options.carried);
    return;
  }
  const type = outcome.kind === 'unknown' ? 'released' : outcome.kind;
  if (!events.observed[type]) return;
  const { kind: _, ...others } =
    outcome.kind === 'completed' ? { kind: outcome.kind, result: attempt.result } : outcome;
  const details = outcome.kind === 'cancelled' ? reasonOf(outcome.error) : others;
  const duration = clock.monotonic() - attempt.startedAt;
  const end = { ...factsOf(attempt, clock.now()), duration, ...details };
  events.emit<typeof type>(type, end, attempt.record?.options.carried);
}

function reasonOf({ reason }: JobCancelledError): { readonly reason?: string } {
  return reason === undefined ? {} : { reason };
}

function factsOf({ queue, job, name, record }: Attempt, now: number): JobEvent {
  const { id, attempt } = job;
  return { time: new Date(now), queue, id, name, attempt, metadata: record?.metadata, tags: record?.tags };
}
