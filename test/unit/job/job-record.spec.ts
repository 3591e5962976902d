import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeRecord, encodeRecord, isJobName, type JobRecord } from '../../../lib/job/job-record.js';
import { CorruptJobError } from '../../../lib/queue.errors.js';

/** Halves of surrogate pairs too. */
const anyCodeUnit = fc.nat(0xffff).map((code) => String.fromCharCode(code));

describe('isJobName', () => {
  it.each(['A', 'SendEmailJob', 'emails/send v2', '😀'.repeat(200), 'ä', '"quoted"', 'x'.repeat(200)])(
    'takes %s',
    (name) => {
      expect(isJobName(name)).toBe(true);
    },
  );

  it.each(['', 'a\nb', 'a\tb', 'a\0', '\u007f', '\u0085', 'x'.repeat(201), '\ud800', 'a\udc00b', 5, null, undefined])(
    'refuses %j',
    (name) => {
      expect(isJobName(name)).toBe(false);
    },
  );
});

describe('a job record', () => {
  it.each<[string, JobRecord]>([
    ['hSendEmailJob\n{"to":"ada"}', { form: 'handler', name: 'SendEmailJob', options: {}, data: '{"to":"ada"}' }],
    ['hPing\n', { form: 'handler', name: 'Ping', options: {}, data: '' }],
    [
      'iResizeImageJob\t{"m":5,"r":0.5,"t":30}\n{}',
      { form: 'instance', name: 'ResizeImageJob', options: { maxTries: 5, retryDelay: 0.5, timeout: 30 }, data: '{}' },
    ],
    ['hA\t{"m":1}\nx', { form: 'handler', name: 'A', options: { maxTries: 1 }, data: 'x' }],
  ])('is written as %j, and read back', (text, record) => {
    expect(encodeRecord(record)).toBe(text);
    expect(decodeRecord('id', text)).toEqual(record);
  });

  it('comes back as it went in, and through UTF-8', () => {
    const count = fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: undefined });
    fc.assert(
      fc.property(
        fc.record({
          form: fc.constantFrom('handler' as const, 'instance' as const),
          name: fc.string({ unit: anyCodeUnit, maxLength: 30 }).filter(isJobName),
          options: fc.record({ maxTries: count, retryDelay: count, timeout: count }),
          data: fc.string({ unit: 'grapheme' }),
        }),
        (record) => {
          const text = encodeRecord(record);
          expect(decodeRecord('id', Buffer.from(text).toString())).toEqual(withoutMinusZero(record));
        },
      ),
    );
  });

  it.each([
    ['', 'it has no header line'],
    ['hSendEmailJob', 'it has no header line'],
    ['\n{}', 'it has no header line'],
    ['h\n{}', 'it has no header line'],
    ['xSendEmailJob\n{}', 'its form "x" is not known'],
    ['{"name":"SendEmailJob"}\n', 'its form "{" is not known'],
    ['hA\t\n{}', 'its options are not readable'],
    ['hA\tnull\n{}', 'its options are not readable'],
    ['hA\t{"m":\n{}', 'its options are not readable'],
  ])('is refused when it is %j', (text, reason) => {
    expect(() => decodeRecord('j1', text)).toThrow(CorruptJobError);
    expect(() => decodeRecord('j1', text)).toThrow(`Job j1 cannot be read: ${reason}`);
  });

  it('is read without the options that nobody can have written', () => {
    expect(decodeRecord('id', 'hA\t{"m":"5","r":-1,"t":null,"x":1}\n').options).toEqual({});
    expect(decodeRecord('id', 'hA\t[]\n').options).toEqual({});
  });

  it('may have tabs and line breaks in its data', () => {
    expect(decodeRecord('id', 'hA\n\t{"m":1}\n\n')).toEqual({
      form: 'handler',
      name: 'A',
      options: {},
      data: '\t{"m":1}\n\n',
    });
  });
});

/** JSON writes -0 as 0. */
function withoutMinusZero(record: JobRecord): JobRecord {
  const options = Object.entries(record.options).map(([key, value]) => [key, value === 0 ? 0 : value]);
  return { ...record, options: Object.fromEntries(options) };
}
