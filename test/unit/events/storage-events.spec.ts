import { describe, expect, it } from '@jest/globals';
import type { FlowEnd } from '../../../lib/drivers/storage-observer.interface.js';
import { QueueEvents } from '../../../lib/events/queue-events.js';
import { StorageEvents } from '../../../lib/events/storage-events.js';
import { FakeClock } from '../../support/fake-clock.js';
import { RecordingLogger } from '../../support/recording-logger.js';

function given() {
  const events = new QueueEvents(new RecordingLogger());
  const clock = new FakeClock();
  return { events, clock, storage: new StorageEvents(events, clock) };
}

const END: FlowEnd = { createdAt: 1_000, finishedAt: 4_500, total: 3, completed: 3, failed: 0, cancelled: 0 };

describe('StorageEvents', () => {
  it('hears what has listeners', () => {
    const { events, storage } = given();
    expect([storage.hearsPushes, storage.hearsEnds]).toEqual([false, false]);
    events.on('pushed', () => {});
    expect([storage.hearsPushes, storage.hearsEnds]).toEqual([true, false]);
    const stop = events.on('workflow-finished', () => {});
    expect(storage.hearsEnds).toBe(true);
    stop();
    expect(storage.hearsEnds).toBe(false);
  });

  it('emits pushes with the name and the labels of the record', () => {
    const { events, clock, storage } = given();
    const heard: unknown[] = [];
    events.on('pushed', (event) => heard.push(event));
    storage.pushed('mail', [
      { id: 'a', body: 'hMailJob\t{"d":{"tenant":"7"},"g":["x"]}\n{"to":1}' },
      { id: 'b', body: 'nonsense' },
    ]);
    const common = { time: new Date(clock.now()), queue: 'mail', attempt: 0 };
    expect(heard).toEqual([
      { ...common, id: 'a', name: 'MailJob', metadata: { tenant: '7' }, tags: ['x'] },
      { ...common, id: 'b', name: '' },
    ]);
  });

  it.each([
    ['bImport', 'batch-finished', { completed: 3 }, 'completed'],
    ['cOrder', 'chain-finished', { completed: 1, failed: 1 }, 'failed'],
    ['wNight', 'workflow-finished', { completed: 1, cancelled: 2 }, 'cancelled'],
  ] as const)('emits the end of %s as %s', (ref, type, counts, state) => {
    const { events, clock, storage } = given();
    const heard: unknown[] = [];
    events.on(type, (event) => heard.push(event));
    const numbers = Object.assign({ completed: 0, failed: 0, cancelled: 0 }, counts);
    expect(storage.ended(ref, { ...END, ...numbers, name: 'n' })).toBeUndefined();
    const time = new Date(clock.now());
    expect(heard).toEqual([{ time, id: ref.slice(1), name: 'n', state, total: 3, ...numbers, duration: 3_500 }]);
  });

  it('emits neither an end that nobody listens to, nor one of an unknown kind', () => {
    const { events, storage } = given();
    const heard: unknown[] = [];
    events.on('chain-finished', (event) => heard.push(event));
    expect(storage.ended('bOne', END)).toBeUndefined();
    expect(storage.ended('?One', END)).toBeUndefined();
    expect(heard).toEqual([]);
  });
});
