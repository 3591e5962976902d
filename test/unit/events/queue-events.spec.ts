import { describe, expect, it } from '@jest/globals';
import type { JobEvent } from '../../../lib/events/queue-event.interface.js';
import { QueueEvents } from '../../../lib/events/queue-events.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { thrower } from '../../support/thrower.js';

const EVENT: JobEvent = { time: new Date(0), queue: 'mail', id: 'a', name: 'SendEmailJob', attempt: 0 };

function given(): { events: QueueEvents; logger: RecordingLogger } {
  const logger = new RecordingLogger();
  return { events: new QueueEvents(logger), logger };
}

describe('QueueEvents', () => {
  it('observes no type at first', () => {
    const { events } = given();
    expect(new Set(Object.values(events.observed))).toEqual(new Set([false]));
    expect(events.listenerCount).toBe(0);
    events.emit('pushed', EVENT);
  });

  it('observes a type as long as it has a listener', () => {
    const { events } = given();
    const stops = [events.on('pushed', () => {}), events.on('pushed', () => {}), events.on('failed', () => {})];
    expect(events.observed).toMatchObject({ pushed: true, failed: true, started: false });
    expect(events.listenerCount).toBe(3);
    stops[0]!();
    stops[0]!();
    expect(events.observed.pushed).toBe(true);
    stops[1]!();
    expect(events.observed).toMatchObject({ pushed: false, failed: true });
    expect(events.listenerCount).toBe(1);
  });

  it('calls the listeners of the type in the order of their registration', () => {
    const { events } = given();
    const calls: unknown[] = [];
    events.on('pushed', (event) => calls.push(['first', event]));
    events.on('started', (event) => calls.push(['another type', event]));
    events.on('pushed', (event) => calls.push(['second', event]));
    events.emit('pushed', EVENT);
    expect(calls).toEqual([
      ['first', EVENT],
      ['second', EVENT],
    ]);
  });

  it('treats two registrations of one listener separately', () => {
    const { events } = given();
    let calls = 0;
    const listener = (): void => void calls++;
    const stop = events.on('pushed', listener);
    events.on('pushed', listener);
    stop();
    events.emit('pushed', EVENT);
    expect(calls).toBe(1);
  });

  it('logs the error of a listener, and calls the other listeners', () => {
    const { events, logger } = given();
    let calls = 0;
    events.on('pushed', thrower(new Error('no luck')));
    events.on('pushed', () => calls++);
    events.emit('pushed', EVENT);
    expect(calls).toBe(1);
    expect(logger.of('error')).toEqual([expect.stringContaining('A listener of the event "pushed" threw: no luck')]);
  });

  it('calls each listener that was registered at the emit, even if a listener removes another listener', () => {
    const { events } = given();
    let calls = 0;
    events.on('pushed', () => stop());
    const stop = events.on('pushed', () => calls++);
    events.emit('pushed', EVENT);
    events.emit('pushed', EVENT);
    expect(calls).toBe(1);
  });
});
