import { describe, expect, it } from '@jest/globals';
import { jsonSerializer } from '../../../lib/job/json-serializer.js';
import { CorruptJobError } from '../../../lib/queue.errors.js';
import { ResultCodec } from '../../../lib/results/result-codec.js';

describe('ResultCodec', () => {
  const codec = new ResultCodec({ serializer: jsonSerializer, maxPayloadSize: 100 });

  it.each([0, '', null, false, [], new Date(5), { a: 1 }])('restores %j', (result) => {
    const { result: text } = codec.encode(result, true);
    expect(codec.decode('a', text!)).toEqual(result);
  });

  it('keeps nothing of undefined, but the time', () => {
    expect(codec.encode(undefined, true)).toEqual({});
    expect(codec.encode(undefined, 60)).toEqual({ keepFor: 60 });
  });

  it('hands on the time for which a result is kept', () => {
    expect(codec.encode(1, 60)).toEqual({ keepFor: 60, result: '1' });
  });

  it.each([
    [{ a: [() => 1] }, 'result.a[0] is function (anonymous), which cannot be stored'],
    ['x'.repeat(200), 'result is 202 bytes long, and at most 100 are allowed'],
  ])('says why it cannot keep %p', (result, reason) => {
    expect(codec.encode(result, 5)).toEqual({ keepFor: 5, error: `The result is not kept: ${reason}` });
  });

  it('says why a serializer fails', () => {
    const failing = new ResultCodec({
      serializer: {
        serialize: () => {
          throw new Error('no luck');
        },
        deserialize: () => 1,
      },
      maxPayloadSize: 20,
    });
    expect(failing.encode(1, true)).toEqual({ error: 'The result is not kept: no luck' });
  });

  it('refuses a text that it cannot read', () => {
    expect(() => codec.decode('a', '{')).toThrow(CorruptJobError);
    expect(() => codec.decode('a', '{')).toThrow('Job a cannot be read: its result is not readable');
  });
});
