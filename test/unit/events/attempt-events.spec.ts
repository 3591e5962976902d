import { describe, expect, it } from '@jest/globals';
import { emitEnded, emitStarted } from '../../../lib/events/attempt-events.js';
import type { QueueEventType } from '../../../lib/events/queue-event.interface.js';
import { QueueEvents } from '../../../lib/events/queue-events.js';
import type { JobOutcome } from '../../../lib/job/job-outcome.js';
import type { Attempt } from '../../../lib/middleware/job-stage.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { thrower } from '../../support/thrower.js';

/** The clock was set back meanwhile: the time to show is not the time to measure with. */
const CLOCK = { now: () => 1_500, monotonic: () => 4_500, after: () => ({ cancel() {} }) };
const error = new Error('no luck');
const attempt = { queue: 'mail', job: { id: 'a', attempt: 2 }, name: 'SendEmailJob', startedAt: 4_000 } as Attempt;
const facts = { time: new Date(1_500), queue: 'mail', id: 'a', name: 'SendEmailJob', attempt: 2 };
const TYPES: readonly QueueEventType[] = [
  'started',
  'completed',
  'retrying',
  'failed',
  'released',
  'requeued',
  'expired',
];

function heard(emit: (events: QueueEvents) => void): unknown[] {
  const events = new QueueEvents(new RecordingLogger());
  const calls: unknown[] = [];
  for (const type of TYPES) events.on(type, (event) => calls.push([type, event]));
  emit(events);
  return calls;
}

describe('emitStarted', () => {
  it('emits the event started with the facts of the attempt', () => {
    expect(heard((events) => emitStarted(events, attempt, 1_500))).toEqual([['started', facts]]);
  });
});

describe('emitEnded', () => {
  it('emits the event of an expired job without a duration, and without an attempt: it has not run', () => {
    expect(heard((events) => emitEnded(events, attempt, { kind: 'expired' }, CLOCK))).toEqual([
      ['expired', { ...facts, attempt: 0 }],
    ]);
  });

  it.each<[JobOutcome, QueueEventType, object]>([
    [{ kind: 'completed' }, 'completed', {}],
    [{ kind: 'retrying', error, delay: 60 }, 'retrying', { error, delay: 60 }],
    [{ kind: 'failed', error }, 'failed', { error }],
    [{ kind: 'released', delay: 5 }, 'released', { delay: 5 }],
    [{ kind: 'requeued' }, 'requeued', {}],
    [{ kind: 'unknown', error, delay: 1 }, 'released', { error, delay: 1 }],
  ])('emits the event of the outcome %j', (outcome, type, details) => {
    const event = { ...facts, duration: 500, ...details };
    expect(heard((events) => emitEnded(events, attempt, outcome, CLOCK))).toEqual([[type, event]]);
  });

  it('emits no event if the lease of the job was lost', () => {
    expect(heard((events) => emitEnded(events, attempt, { kind: 'abandoned' }, CLOCK))).toEqual([]);
  });

  it('creates no event if the type has no listener', () => {
    const events = new QueueEvents(new RecordingLogger());
    events.on('failed', () => {});
    const unreadable = new Proxy(attempt, { get: thrower(new Error('it was read')) });
    expect(() => emitEnded(events, unreadable, { kind: 'completed' }, CLOCK)).not.toThrow();
  });
});
