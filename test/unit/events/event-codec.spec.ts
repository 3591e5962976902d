import { describe, expect, it } from '@jest/globals';
import { decodeEvent, encodeEvent } from '../../../lib/events/event-codec.js';

const FACTS = { time: new Date(5_000), queue: 'mail', id: 'a"b', name: 'Mail "Job"', attempt: 1 };
const isKnown = (type: unknown): boolean => type !== 'later';

function roundTrip(event: object, carried?: Record<string, string>) {
  const text = encodeEvent('completed', event, carried);
  expect(text).not.toMatch(/\n/);
  return decodeEvent(text, isKnown);
}

describe('an event in the log', () => {
  it('comes back as it was, in one line', () => {
    const event = { ...FACTS, duration: 1.5, metadata: { a: 'x\ny' }, tags: ['t'], result: { deep: [1] } };
    expect(roundTrip(event)).toEqual({ type: 'completed', event, carried: undefined });
    expect(roundTrip(FACTS, { tenant: 'acme' })).toEqual({
      type: 'completed',
      event: FACTS,
      carried: { tenant: 'acme' },
    });
  });

  it('has its error with name, message and stack', () => {
    const { event } = roundTrip({ ...FACTS, error: new RangeError('no luck') })!;
    const { error } = event as unknown as { error: Error };
    expect(error).toBeInstanceOf(Error);
    expect([error.name, error.message]).toEqual(['RangeError', 'no luck']);
    expect(error.stack).toMatch(/^RangeError: no luck\n +at /);
  });

  it('leaves out what JSON cannot hold, and what is too long', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    for (const result of [5n, circular, () => {}, 'x'.repeat(5_000), undefined]) {
      expect(roundTrip({ ...FACTS, result })!.event).toEqual(FACTS);
    }
    expect(roundTrip({ ...FACTS, result: { long: 'x'.repeat(5_000) } })!.event).toEqual(FACTS);
  });

  it('is left out if it is none, or of a type that is not known', () => {
    expect(decodeEvent('{', isKnown)).toBeUndefined();
    expect(decodeEvent('{"type":"completed"}', isKnown)).toBeUndefined();
    expect(decodeEvent('{"type":"later","time":1}', isKnown)).toBeUndefined();
  });
});
