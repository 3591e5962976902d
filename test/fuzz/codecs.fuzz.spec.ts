import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { deflateSync } from 'node:zlib';
import {
  compress,
  CorruptJobError,
  encrypt,
  Job,
  QueueAdmin,
  UnknownCodecError,
  type PayloadCodec,
  type QueueModuleOptions,
} from 'nestjs-job-queue';
import { z } from 'zod';
import { JobCodec } from '../../lib/job/job-codec.js';
import { jsonSerializer } from '../../lib/job/json-serializer.js';
import { closeQueueApps, startQueueApp, type QueueApp } from '../e2e/nest/queue-app.js';
import { useRedis } from '../support/use-redis.js';
import { fuzz } from './fuzz.js';
import { wild } from './wild-values.js';

const seen: unknown[] = [];

const Payment = z.object({ to: z.string(), amount: z.number() });

@Job()
class PayJob {
  handle(data: unknown): void {
    seen.push(data);
  }
}

@Job({ schema: Payment })
class CheckedPayJob {
  handle(data: unknown): void {
    seen.push(data);
  }
}

/** A small text that becomes large. */
const BOMB = deflateSync(Buffer.alloc(20_000_000, '"')).toString('base64');
const keys = { a: randomBytes(32), b: randomBytes(32) };
const MAX = 100_000;

const aCodec: fc.Arbitrary<PayloadCodec> = fc.oneof(
  fc.integer({ min: 0, max: 200 }).map((above) => compress({ above })),
  fc.constantFrom('a', 'b').map((current) => encrypt({ keys, current })),
);
const aChain = fc.uniqueArray(aCodec, { maxLength: 2, selector: ({ name }) => name });

function codecOf(codecs: readonly PayloadCodec[]): JobCodec {
  return new JobCodec({ serializer: jsonSerializer, maxPayloadSize: MAX, codecs });
}

describe('a chain of codecs', () => {
  fuzz(
    'gives each value back that the serializer gives back, whatever the order of the codecs of the reader is',
    fc.tuple(wild, aChain, fc.boolean()),
    async ([{ value, refused, comesBack }, codecs, isReversed]) => {
      if (refused) return;
      const { body } = codecOf(codecs).encode({ id: 'j', form: 'handler', name: 'Pay', options: {}, data: value });
      const reader = codecOf([...(isReversed ? [...codecs].reverse() : codecs)]);
      const read = reader.decodeData(reader.decode('j', Buffer.from(body).toString()));
      if (!isDeepStrictEqual(read, comesBack)) expect(read).toStrictEqual(comesBack);
    },
    300,
  );
});

/** The changes that somebody with access to the storage makes to a record. */
type Attack = (record: string, other: string) => string;

const at = fc.double({ min: 0, max: 0.999, noNaN: true });
const onData = (change: (data: string, place: number) => string) =>
  at.map((part): Attack => (record) => {
    const start = record.indexOf('\n') + 1;
    const data = record.slice(start);
    return record.slice(0, start) + change(data, Math.floor(part * data.length));
  });
const attacks: fc.Arbitrary<Attack> = fc.oneof(
  onData((data, place) => data.slice(0, place)),
  onData((data, place) => data.slice(place + 1)),
  fc
    .tuple(at, fc.constantFrom('A', 'z', '0', '9', '+', '/', '=', '\u0001', ' ', '\n', '"'))
    .map(([part, sign]): Attack => (record) => {
      const start = record.indexOf('\n') + 1;
      const place = start + Math.floor(part * (record.length - start));
      return record.slice(0, place) + sign + record.slice(place + 1);
    }),
  fc.base64String({ maxLength: 300 }).map(
    (data): Attack =>
      (record) =>
        record.slice(0, record.indexOf('\n') + 1) + data,
  ),
  // The data of another job; with its header.
  fc.constant<Attack>((_record, other) => other),
  fc.constant<Attack>((record, other) => record.slice(0, record.indexOf('\n')) + other.slice(other.indexOf('\n'))),
  // A source that the other job does not have.
  fc.constant<Attack>((_record, other) => other.replace('{', '{"u":"other",')),
  // Fewer codecs, other codecs, codecs in another order, codecs that this process does not have.
  fc
    .array(fc.constantFrom('deflate', 'aes-256-gcm:a', 'aes-256-gcm:b', 'aes-256-gcm:c', 'aes-256-gcm', 'rot13'), {
      maxLength: 3,
    })
    .map(
      (marks): Attack =>
        (record) =>
          record.replace(/"z":\[[^\]]*\]/, `"z":${JSON.stringify(marks)}`),
    ),
  // Data in the clear.
  fc.constant<Attack>((record) => `${record.slice(0, record.indexOf('\t'))}\n{"to":"mallory","amount":1000000}`),
  // A small record that becomes large.
  fc.constant<Attack>((record) => `${record.slice(0, record.indexOf('\t'))}\t{"z":["deflate"]}\n${BOMB}`),
);

describe('a record in Redis that somebody has changed', () => {
  const redis = useRedis();
  const codecs = [compress({ above: 200 }), encrypt({ keys: { a: keys.a, b: keys.b }, current: 'a', required: true })];
  const RECORDS = 'queue:default:jobs';
  let app: QueueApp;

  beforeEach(async () => {
    seen.splice(0);
    const options: QueueModuleOptions = { driver: 'redis', redis: { url: redis.url }, worker: false, codecs };
    app = await startQueueApp({ providers: [PayJob, CheckedPayJob] }, options);
  });
  afterEach(closeQueueApps);

  fuzz(
    'is refused with a typed error: nothing of it is run, and nothing is lost',
    fc.tuple(attacks, fc.string({ maxLength: 300 })),
    async ([attack, note]) => {
      const data = { to: 'ada', amount: 5, note };
      const [id, other] = await app.queue.pushMany(PayJob, [data, { to: 'bob', amount: 7, note }]);
      const [record, another] = await redis.client.hmget(RECORDS, id!, other!);
      // Redis keeps the time of the push in front of a record.
      const [time, body] = [record!.slice(0, 13), record!.slice(13)];
      const changed = attack(body, another!.slice(13));
      await redis.client.hset(RECORDS, id!, time + changed);
      seen.splice(0);
      await app.run();
      const status = await app.queue.getJobStatus(id!);
      const ran = seen.filter((each) => (each as { to?: unknown }).to !== 'bob');
      if (status?.status === 'completed') {
        // Base64 has several texts for the same bytes.
        expect(ran).toEqual([data]);
      } else {
        expect(ran).toEqual([]);
        expect(['failed', 'delayed']).toContain(status?.status);
        expect(await redis.client.hget(RECORDS, id!)).toBe(time + changed);
        const details = await app.queue.getJob(id!);
        expect(details).toMatchObject({ data: undefined, dataError: expect.any(String) });
        expect(typedErrorOf(changed, id!, codecs)).toBe(
          status?.status === 'failed' ? CorruptJobError : UnknownCodecError,
        );
      }
      expect(seen).toHaveLength(ran.length + 1);
      await app.app.get(QueueAdmin).obliterate('default');
    },
    150,
  );

  fuzz(
    'is refused by the schema of its job, if it can be read: handle gets nothing else than the schema allows',
    fc.oneof(fc.jsonValue(), fc.record({ to: fc.anything(), amount: fc.anything() })),
    async (value) => {
      await closeQueueApps();
      const plain: QueueModuleOptions = { driver: 'redis', redis: { url: redis.url }, worker: false };
      app = await startQueueApp({ providers: [CheckedPayJob] }, plain);
      const id = await app.queue.push(CheckedPayJob, { to: 'ada', amount: 5 });
      const record = (await redis.client.hget(RECORDS, id))!;
      const text = JSON.stringify(value) ?? '';
      await redis.client.hset(RECORDS, id, record.slice(0, record.indexOf('\n') + 1) + text);
      seen.splice(0);
      await app.run();
      const isValid = text !== '' && Payment.safeParse(JSON.parse(text)).success;
      expect(await app.queue.getJobStatus(id)).toMatchObject({ status: isValid ? 'completed' : 'failed' });
      expect(seen).toHaveLength(isValid ? 1 : 0);
      expect(await app.queue.counts()).toMatchObject({ failed: isValid ? 0 : 1 });
      await app.app.get(QueueAdmin).obliterate('default');
    },
    60,
  );
});

function typedErrorOf(body: string, id: string, codecs: readonly PayloadCodec[]): unknown {
  const codec = codecOf(codecs);
  try {
    codec.decodeData(codec.decode(id, body));
  } catch (error) {
    return (error as Error).constructor;
  }
  return undefined;
}
