import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { PayloadCodec } from 'nestjs-job-queue';
import { compress } from '../../../lib/codecs/compress.js';
import { encrypt } from '../../../lib/codecs/encrypt.js';
import { JobCodec, type DecodedJob } from '../../../lib/job/job-codec.js';
import { isJobName, withMarks, type JobRecord } from '../../../lib/job/job-record.js';
import { jsonSerializer } from '../../../lib/job/json-serializer.js';
import type { PayloadSerializer } from '../../../lib/job/payload-serializer.js';
import {
  CorruptJobError,
  PayloadNotSerializableError,
  PayloadTooLargeError,
  UnknownCodecError,
} from '../../../lib/queue.errors.js';
import { thrower } from '../../support/thrower.js';

/** Halves of surrogate pairs too. */
const anyCodeUnit = fc.nat(0xffff).map((code) => String.fromCharCode(code));

const JOB: DecodedJob = { id: 'j1', form: 'handler', name: 'SendEmailJob', options: {}, data: { to: 'ada' } };

function codecOf(serializer: PayloadSerializer = jsonSerializer, codecs?: readonly PayloadCodec[]): JobCodec {
  return new JobCodec({ serializer, maxPayloadSize: 1_000, codecs });
}

const codec = codecOf();

describe('isJobName', () => {
  it.each(['A', 'SendEmailJob', 'emails/send v2', '😀'.repeat(200), 'ä', '"quoted"', 'x'.repeat(200)])(
    'accepts the job name %s',
    (name) => {
      expect(isJobName(name)).toBe(true);
    },
  );

  it.each(['', 'a\nb', 'a\tb', 'a\0', '\u007f', '\u0085', 'x'.repeat(201), '\ud800', 'a\udc00b', 5, null, undefined])(
    'refuses %j as a job name',
    (name) => {
      expect(isJobName(name)).toBe(false);
    },
  );
});

describe('JobCodec', () => {
  it.each<[string, Partial<DecodedJob>, Partial<JobRecord>]>([
    ['hSendEmailJob\n{"to":"ada"}', {}, { data: '{"to":"ada"}' }],
    ['hPing\n', { name: 'Ping', data: undefined }, { name: 'Ping', data: '' }],
    [
      'iResizeImageJob\t{"m":5,"r":0.5,"t":30}\n{}',
      {
        form: 'instance',
        name: 'ResizeImageJob',
        options: { maxTries: 5, retryDelay: 0.5, timeout: 30 },
        data: {},
      },
      {
        form: 'instance',
        name: 'ResizeImageJob',
        options: { maxTries: 5, retryDelay: 0.5, timeout: 30 },
        data: '{}',
      },
    ],
    [
      'hA\t{"m":1}\n5',
      { name: 'A', options: { maxTries: 1 }, data: 5 },
      { name: 'A', options: { maxTries: 1 }, data: '5' },
    ],
    [
      'hA\t{"b":"fixed","c":1}\n5',
      { name: 'A', options: { backoff: 'fixed', maxCrashes: 1 }, data: 5 },
      { name: 'A', options: { backoff: 'fixed', maxCrashes: 1 }, data: '5' },
    ],
    [
      'hA\t{"m":9007199254740991,"f":172800}\n5',
      { name: 'A', options: { maxTries: Infinity, retryFor: 172_800 }, data: 5 },
      { name: 'A', options: { maxTries: Infinity, retryFor: 172_800 }, data: '5' },
    ],
    [
      'hA\t{"x":0.5}\n5',
      { name: 'A', options: { expiresIn: 0.5 }, data: 5 },
      { name: 'A', options: { expiresIn: 0.5 }, data: '5' },
    ],
    [
      'hA\t{"s":0}\n5',
      { name: 'A', options: { maxReleases: 0 }, data: 5 },
      { name: 'A', options: { maxReleases: 0 }, data: '5' },
    ],
    [
      'hA\t{"k":true,"e":{"completed":0,"failed":60}}\n5',
      { name: 'A', options: { keepResult: true, retention: { completed: 0, failed: 60 } }, data: 5 },
      { name: 'A', options: { keepResult: true, retention: { completed: 0, failed: 60 } }, data: '5' },
    ],
    [
      'hA\t{"b":[1,0,60.5]}\n5',
      { name: 'A', options: { backoff: [1, 0, 60.5] }, data: 5 },
      { name: 'A', options: { backoff: [1, 0, 60.5] }, data: '5' },
    ],
    [
      'hA\t{"l":60,"j":0,"d":{"tenant":"a\\nb"},"g":["x\\ty","ä"]}\n5',
      {
        name: 'A',
        options: { maxRetryDelay: 60, retryJitter: 0 },
        metadata: { tenant: 'a\nb' },
        tags: ['x\ty', 'ä'],
        data: 5,
      },
      {
        name: 'A',
        options: { maxRetryDelay: 60, retryJitter: 0 },
        metadata: { tenant: 'a\nb' },
        tags: ['x\ty', 'ä'],
        data: '5',
      },
    ],
  ])('writes the record %j, and reads the same job from it', (text, changes, record) => {
    const job = { ...JOB, ...changes };
    expect(codec.encode(job).body).toBe(text);
    const decoded = codec.decode('j1', text);
    expect(decoded).toEqual({ id: 'j1', form: 'handler', name: 'SendEmailJob', options: {}, ...record });
    expect(codec.decodeData(decoded)).toEqual(job.data);
  });

  it.each(['{"d":{"a":5}}', '{"d":"a"}', '{"d":{"__proto__":"a"}}', '{"g":"a"}', '{"g":[5]}', '{"g":[""]}'])(
    'leaves out the labels of %s, which no push writes',
    (header) => {
      const { metadata, tags } = codec.decode('j1', `hA\t${header}\n5`);
      expect([metadata, tags]).toEqual([undefined, undefined]);
    },
  );

  it('reads every record as it was written, also through UTF-8', () => {
    const count = fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: undefined });
    fc.assert(
      fc.property(
        fc.record({
          id: fc.constant('j1'),
          form: fc.constantFrom('handler' as const, 'instance' as const),
          name: fc.string({ unit: anyCodeUnit, maxLength: 30 }).filter(isJobName),
          options: fc.record({ maxTries: count, retryDelay: count, timeout: count }),
          data: fc.string({ unit: 'grapheme', maxLength: 100 }),
        }),
        (job) => {
          const text = codecOf().encode(job).body;
          const record = codec.decode('j1', Buffer.from(text).toString());
          expect({ ...record, data: codec.decodeData(record) }).toEqual(withoutMinusZero(job));
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
  ])('rejects the record %j with the reason', (text, reason) => {
    expect(() => codec.decode('j1', text)).toThrow(CorruptJobError);
    expect(() => codec.decode('j1', text)).toThrow(`Job j1 cannot be read: ${reason}`);
  });

  it('ignores options in a record that no push can have written', () => {
    expect(
      codec.decode('id', 'hA\t{"m":"5","r":-1,"t":null,"b":["1s",-1],"x":"1","s":-1,"n":-1,"u":5,"z":["a b"]}\n')
        .options,
    ).toEqual({});
    expect(codec.decode('id', 'hA\t[]\n').options).toEqual({});
  });

  it('keeps tabs and line breaks in the data', () => {
    const record = codec.decode('j1', 'hA\n\t{"m":1}\n\n');
    expect(record).toEqual({ id: 'j1', form: 'handler', name: 'A', options: {}, data: '\t{"m":1}\n\n' });
  });

  it('parses the data only when a caller reads it', () => {
    const record = codec.decode('j1', 'hA\n{broken');
    expect(() => codec.decodeData(record)).toThrow('Job j1 cannot be read: its data is not readable');
    expect(() => codec.decodeData(record)).toThrow(CorruptJobError);
  });

  it('counts the bytes of the data, and refuses more than the limit', () => {
    expect(codec.encode({ ...JOB, data: 'ä'.repeat(10) }).size).toBe(22);
    const error = expectThrown(() => codec.encode({ ...JOB, data: 'ä'.repeat(500) }));
    expect(error).toBeInstanceOf(PayloadTooLargeError);
    expect(error).toMatchObject({ jobName: 'SendEmailJob', size: 1_002, limit: 1_000 });
  });

  it.each<[string, PayloadSerializer['serialize'], unknown, string]>([
    ['cannot be serialized', jsonSerializer.serialize.bind(jsonSerializer), { a: [1n] }, 'data.a[0] is 1n'],
    ['make the serializer throw', thrower(new Error('no')), 1, 'data makes the serializer throw: no'],
    ['make the serializer return no text', (() => 5) as never, 1, 'data is made 5 by the serializer, not a string'],
  ])('rejects data that %s', (_title, serialize, data, message) => {
    const error = expectThrown(() => codecOf({ serialize, deserialize: () => 0 }).encode({ ...JOB, data }));
    expect(error).toBeInstanceOf(PayloadNotSerializableError);
    expect(error).toMatchObject({ jobName: 'SendEmailJob', message: expect.stringContaining(message) });
  });

  it('calls the methods of the serializer with the serializer as this', () => {
    class Counting implements PayloadSerializer {
      calls = 0;
      serialize(): string {
        return String(++this.calls);
      }
      deserialize(): unknown {
        return ++this.calls;
      }
    }
    const own = codecOf(new Counting());
    expect(own.encode(JOB).body).toBe('hSendEmailJob\n1');
    expect(own.decodeData(own.decode('j1', 'hA\n1'))).toBe(2);
  });
});

describe('JobCodec with codecs', () => {
  const key = Buffer.alloc(32, 7);
  const codecs = [compress({ above: 50 }), encrypt({ keys: { k1: key }, current: 'k1' })];
  const coded = codecOf(jsonSerializer, codecs);

  it('names the codecs in the header, and reads the data by them', () => {
    const { body, size, marks } = coded.encode({ ...JOB, options: { maxTries: 2 }, data: 'a'.repeat(99) });
    const [header, data] = body.split('\n');
    expect(header).toBe('hSendEmailJob\t{"m":2,"z":["deflate","aes-256-gcm:k1"]}');
    expect(size).toBe(data!.length);
    expect(marks).toEqual(['deflate', 'aes-256-gcm:k1']);
    const record = coded.decode('j1', body);
    expect(record.options.marks).toEqual(marks);
    expect(coded.decodeData(record)).toBe('a'.repeat(99));
  });

  it('reads records without codecs, and names no codec that left the data as it is', () => {
    expect(coded.decodeData(coded.decode('j1', 'hA\n5'))).toBe(5);
    const { body } = codecOf(jsonSerializer, [compress()]).encode(JOB);
    expect(body).toBe('hSendEmailJob\n{"to":"ada"}');
  });

  it('measures the data before the codecs', () => {
    expect(() => coded.encode({ ...JOB, data: 'a'.repeat(999) })).toThrow(PayloadTooLargeError);
  });

  it.each([
    ['another id', (body: string) => coded.decode('j2', body)],
    ['another name', (body: string) => coded.decode('j1', body.replace('SendEmailJob', 'SendMailJob'))],
    ['a source that it does not have', (body: string) => coded.decode('j2', body.replace('{', '{"u":"j1",'))],
    ['no codecs', (body: string) => coded.decode('j1', body.replace(/\t.*/, ''))],
    ['fewer codecs', (body: string) => coded.decode('j1', body.replace('"deflate",', ''))],
  ])('refuses data under %s', (_title, change) => {
    const { body } = coded.encode({ ...JOB, data: { to: 'a'.repeat(99) } });
    const record = change(body);
    expect(() => coded.decodeData(record)).toThrow(CorruptJobError);
  });

  it('refuses data that is not encrypted, if that is required', () => {
    const strict = codecOf(jsonSerializer, [encrypt({ keys: { k1: key }, current: 'k1', required: true })]);
    expect(() => strict.decodeData(strict.decode('j1', 'hA\n5'))).toThrow(CorruptJobError);
    expect(strict.decodeData(strict.decode('j1', strict.encode(JOB).body))).toEqual(JOB.data);
  });

  it('tells what is missing here', () => {
    const { body } = coded.encode(JOB);
    for (const other of [codec, codecOf(jsonSerializer, [encrypt({ keys: { k2: key }, current: 'k2' })])]) {
      const record = other.decode('j1', body);
      expect(other.lacks(record)).toEqual(expect.any(String));
      expect(() => other.decodeData(record)).toThrow(UnknownCodecError);
    }
    expect(coded.lacks(coded.decode('j1', body))).toBeUndefined();
    expect(codec.lacks(codec.decode('j1', 'hA\n5'))).toBeUndefined();
  });

  it('binds a debounced job to its push, since its record may come under another id', () => {
    const { body } = coded.encode({ ...JOB, traits: { debounce: { key: 'k' } } });
    expect(body).toContain('"u":"j1"');
    const record = coded.decode('j2', body);
    expect(coded.decodeData(record)).toEqual(JOB.data);
    const moved = coded.encode({ ...record, data: 5 });
    expect(coded.decodeData(coded.decode('j3', moved.body))).toBe(5);
    expect(codec.encode({ ...JOB, traits: { debounce: { key: 'k' } } }).body).not.toContain('"u"');
  });
});

describe('withMarks', () => {
  it.each([
    ['hA', undefined, 'hA'],
    ['hA', ['x'], 'hA\t{"z":["x"]}'],
    ['hA\t{"m":5}', ['x:y'], 'hA\t{"m":5,"z":["x:y"]}'],
    ['hA\t{"m":5,"z":["a","b"]}', ['x'], 'hA\t{"m":5,"z":["x"]}'],
    ['hA\t{"m":5,"z":["a"]}', undefined, 'hA\t{"m":5}'],
    ['hA\t{"z":["a"]}', undefined, 'hA'],
    ['hA\t{"z":["a"],"new":1}', undefined, 'hA\t{"new":1}'],
    ['hA\t{"d":{"x":"\\"z\\":[1]"}}', undefined, 'hA\t{"d":{"x":"\\"z\\":[1]"}}'],
  ])('changes the header %j', (header, marks, changed) => {
    expect(withMarks(header, marks)).toBe(changed);
  });
});

function expectThrown(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown');
}

/** JSON writes -0 as 0. */
function withoutMinusZero(job: DecodedJob): DecodedJob {
  const options = Object.entries(job.options).map(([key, value]) => [key, value === 0 ? 0 : value]);
  return { ...job, options: Object.fromEntries(options) };
}
