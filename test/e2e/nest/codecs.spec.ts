import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  compress,
  encrypt,
  Job,
  jobSpec,
  QueueAdmin,
  QueueEvents,
  QueueModule,
  QueueSchedules,
  UnknownCodecError,
  type ChunkHandler,
  type ChunkItem,
  type JobContext,
  type QueueModuleOptions,
} from 'nestjs-job-queue';
import { useRedis } from '../../support/use-redis.js';
import { buildQueueApp, closeQueueApps, initQueueApp, startQueueApp, type QueueApp } from './queue-app.js';

const seen: unknown[] = [];
const one = Buffer.alloc(32, 1).toString('base64');
const two = Buffer.alloc(32, 2).toString('base64');
const SECRET = 'social security number';
const plain = { note: SECRET, pad: 'a'.repeat(3_000) };

@Job({ keepResult: true })
class SecretJob {
  handle(data: { note: string }, job: JobContext): unknown {
    seen.push(data);
    return { told: data.note, previous: job.previousResult };
  }
}

@Job()
class ResumingJob {
  async handle(_data: unknown, job: JobContext<unknown, { at: string }>): Promise<void> {
    if (job.checkpointed) return void seen.push(job.checkpointed);
    await job.checkpoint({ at: SECRET });
    job.release();
  }
}

@Job({ chunk: { size: 5 } })
class SecretChunk implements ChunkHandler<string> {
  handleChunk(items: readonly ChunkItem<string>[]): void {
    seen.push(items.map(({ data }) => data));
  }
}

@Job({ debounce: { key: 'k', wait: 0.001 } })
class LatestJob {
  handle(data: string): void {
    seen.push(data);
  }
}

@Job({ debounce: { key: 'k', wait: 0.001, merge: (waiting: string[], pushed: string[]) => [...waiting, ...pushed] } })
class MergedJob {
  handle(data: string[]): void {
    seen.push(data);
  }
}

@Job({ unique: true })
class OnceJob {
  handle(data: string): void {
    seen.push(data);
  }
}

@Job()
class CarryingJob {
  constructor(readonly note: string) {}
  handle(): void {
    seen.push(this.note);
  }
}

const META = {
  providers: [SecretJob, ResumingJob, SecretChunk, LatestJob, MergedJob, OnceJob],
  imports: [QueueModule.forFeature([CarryingJob])],
};
const ENCRYPTED = { codecs: [compress(), encrypt({ keys: { one }, current: 'one' })] } satisfies QueueModuleOptions;

const redis = useRedis();

/** Returns all that Redis holds, as text. */
async function everything(): Promise<string> {
  const { client } = redis;
  const parts: unknown[] = [];
  for (const key of await client.keys('*')) {
    const type = await client.type(key);
    if (type === 'hash') parts.push(key, await client.hgetall(key));
    else if (type === 'string') parts.push(key, await client.get(key));
    else if (type === 'list') parts.push(key, await client.lrange(key, 0, -1));
    else if (type === 'zset') parts.push(key, await client.zrange(key, '0', '-1'));
    else if (type === 'stream') parts.push(key, await client.xrange(key, '-', '+'));
  }
  return JSON.stringify(parts);
}

const STORAGES: [string, () => QueueModuleOptions][] = [
  ['array', () => ({ driver: 'array', worker: false })],
  ['redis', () => ({ driver: 'redis', redis: { url: redis.url }, worker: false })],
];

describe.each(STORAGES)('a queue with codecs, with driver %s', (_, options) => {
  let app: QueueApp;

  beforeEach(async () => {
    seen.splice(0);
    app = await startQueueApp(META, { ...options(), ...ENCRYPTED });
  });
  afterEach(closeQueueApps);

  test('brings data to its job, and results to its callers', async () => {
    const id = await app.queue.push(SecretJob, plain);
    expect(await app.queue.getJob(id)).toMatchObject({
      data: plain,
      options: { marks: ['deflate', 'aes-256-gcm:one'] },
    });
    expect(await app.run(id)).toMatchObject({ status: 'completed', result: { told: SECRET } });
    expect(seen).toEqual([plain]);
    expect(await app.queue.waitFor(id, { timeout: 1 })).toMatchObject({ told: SECRET });
    const [listed] = (await app.app.get(QueueAdmin).jobs('default', 'completed')).jobs;
    expect(listed).toMatchObject({ data: plain, result: { told: SECRET } });
  });

  test('brings data to the items of a chunk, to a caller of pop(), and to a job that carries it', async () => {
    await app.queue.pushMany(SecretChunk, ['a', 'b']);
    await app.queue.push(new CarryingJob('c'));
    await app.run();
    expect(seen).toHaveLength(2);
    expect(seen).toEqual(expect.arrayContaining([['a', 'b'], 'c']));
    await app.queue.push(SecretJob, { note: 'd' }, 'other');
    const job = await app.queue.pop('other');
    expect(job).toMatchObject({ data: { note: 'd' } });
    await job!.complete();
  });

  test('brings checkpoints to the next attempt', async () => {
    const id = await app.queue.push(ResumingJob, null);
    await app.run();
    expect(await app.run(id)).toMatchObject({ status: 'completed' });
    expect(seen).toEqual([{ at: SECRET }]);
  });

  test('hands results over in chains and workflows', async () => {
    const chain = await app.queue.chain([jobSpec(SecretJob, { note: 'a' }), jobSpec(SecretJob, { note: 'b' })]);
    for (let round = 0; round < 4; round++) await app.run();
    expect(await app.queue.getChain(chain.id)).toMatchObject({ state: 'completed' });
    expect(await app.run(chain.jobIds[1])).toMatchObject({ result: { told: 'b', previous: { told: 'a' } } });
  });

  test('puts debounced pushes together: the last one counts, or what merge makes', async () => {
    const { id } = await app.queue.dispatch(LatestJob, 'a');
    expect(await app.queue.dispatch(LatestJob, 'b')).toEqual({ id, outcome: 'replaced' });
    expect(await app.queue.getJob(id)).toMatchObject({ data: 'b' });
    const merged = await app.queue.dispatch(MergedJob, ['a']);
    expect(await app.queue.dispatch(MergedJob, ['b'])).toEqual({ id: merged.id, outcome: 'replaced' });
    expect(await app.queue.getJob(merged.id)).toMatchObject({ data: ['a', 'b'] });
    const admin = app.app.get(QueueAdmin);
    for (const each of [id, merged.id]) await admin.promote(each);
    await app.run();
    expect(seen).toEqual(expect.arrayContaining(['b', ['a', 'b']]));
  });

  test('tells unique jobs apart by their data, which is encrypted differently each time', async () => {
    const { id } = await app.queue.dispatch(OnceJob, 'a');
    expect(await app.queue.dispatch(OnceJob, 'a')).toEqual({ id, outcome: 'duplicate' });
  });

  test('keeps the codecs of a job whose data an operator sets', async () => {
    const id = await app.queue.push(SecretJob, plain, { delay: 60, metadata: { z: '"z":["x"]' } });
    const admin = app.app.get(QueueAdmin);
    expect(await admin.setData(id, { note: 'short' })).toBe(true);
    expect(await admin.job(id)).toMatchObject({
      data: { note: 'short' },
      metadata: { z: '"z":["x"]' },
      options: { marks: ['aes-256-gcm:one'] },
    });
    await admin.promote(id);
    expect(await app.run(id)).toMatchObject({ status: 'completed', attempt: 1 });
  });

  test('runs the jobs of a schedule, whose data is encoded once for all of them', async () => {
    const schedules = app.app.get(QueueSchedules);
    await schedules.set('secret', { every: '1h', job: jobSpec(SecretJob, { note: 'a' }) });
    await schedules.runNow('secret');
    await schedules.runNow('secret');
    await app.run();
    expect(seen).toEqual([{ note: 'a' }, { note: 'a' }]);
  });

  test('defers pushes', async () => {
    const id = await app.queue.deferPushes(() => app.queue.push(SecretJob, { note: 'a' }));
    expect(await app.run(id)).toMatchObject({ status: 'completed' });
  });

  test('runs jobs that were pushed before it had codecs', async () => {
    await closeQueueApps();
    if (options().driver === 'array') return;
    const before = await startQueueApp(META, options());
    const id = await before.queue.push(SecretJob, { note: 'a' });
    const after = await startQueueApp(META, { ...options(), ...ENCRYPTED });
    expect(await after.run(id)).toMatchObject({ status: 'completed' });
  });
});

describe('a queue with codecs', () => {
  const base = (): QueueModuleOptions => ({ driver: 'redis', redis: { url: redis.url }, worker: false });

  beforeEach(() => void seen.splice(0));
  afterEach(closeQueueApps);

  test('stores nothing that can be read without the key: no data, no result, no checkpoint, no result in an event', async () => {
    const app = await startQueueApp(META, { ...base(), ...ENCRYPTED, events: { everywhere: true } });
    await app.queue.push(SecretJob, plain);
    await app.queue.push(ResumingJob, { note: SECRET });
    await app.queue.chain([jobSpec(SecretJob, { note: SECRET }), jobSpec(SecretJob, { note: SECRET })]);
    await app.queue.push(SecretJob, { note: SECRET }, { delay: 60 });
    let stored = '';
    for (let round = 0; round < 3; round++) {
      await app.run();
      stored += await everything();
    }
    await app.app.close();
    stored += await everything();
    expect(stored).toContain('SecretJob');
    expect(stored).toContain('queue:default:checkpoints');
    expect(stored).not.toContain(SECRET);
  });

  test('puts a job back whose key is missing, tells of it, and loses nothing: it runs when the key is there', async () => {
    const writer = await startQueueApp(META, { ...base(), codecs: [encrypt({ keys: { two }, current: 'two' })] });
    const id = await writer.queue.push(SecretJob, { note: 'a' });
    const warnings: unknown[] = [];
    const logger = { log: () => {}, warn: (text: unknown) => warnings.push(text), error: () => {} };
    for (const codecs of [[], ENCRYPTED.codecs]) {
      const app = await startQueueApp(META, { ...base(), codecs, logger });
      expect(await app.run(id)).toMatchObject({ status: 'delayed' });
      const missing = codecs.length === 0 ? 'a codec "aes-256-gcm"' : 'a key "two" of encrypt()';
      expect(warnings.splice(0)).toEqual([expect.stringContaining(missing)]);
      await expect(app.queue.getJob(id)).resolves.toMatchObject({ dataError: expect.stringContaining(missing) });
      await app.app.get(QueueAdmin).promote(id);
      expect(await app.queue.pop()).toBeNull();
      expect(warnings.splice(0)).toEqual([expect.stringContaining(missing)]);
      expect(await app.queue.counts()).toMatchObject({ delayed: 1, failed: 0, reserved: 0 });
      await app.app.get(QueueAdmin).promote(id);
    }
    const both = await startQueueApp(META, {
      ...base(),
      codecs: [encrypt({ keys: { one, two }, current: 'one' })],
    });
    expect(await both.run(id)).toMatchObject({ status: 'completed', attempt: 1 });
    expect(seen).toEqual([{ note: 'a' }]);
    const other = await startQueueApp(META, base());
    await expect(other.queue.getJobStatus(id)).rejects.toThrow(UnknownCodecError);
  });

  test('fails a job whose record is put in the place of another one, and keeps it', async () => {
    const app = await startQueueApp(META, { ...base(), ...ENCRYPTED });
    const [a, b] = await app.queue.pushMany(SecretJob, [{ note: 'a' }, { note: 'b' }]);
    const record = await redis.client.hget('queue:default:jobs', a!);
    await redis.client.hset('queue:default:jobs', b!, record!);
    await app.run();
    expect(await app.queue.getJobStatus(b!)).toMatchObject({ status: 'failed', attempt: 1 });
    expect(await app.queue.getJobStatus(a!)).toMatchObject({ status: 'completed' });
    expect(seen).toEqual([{ note: 'a' }]);
    expect(await app.queue.counts()).toMatchObject({ failed: 1 });
    expect(await redis.client.hget('queue:default:jobs', b!)).toBe(record);
  });

  test('tells results of events to a process that has the key, and leaves them out elsewhere', async () => {
    const events = { everywhere: true };
    const app = await startQueueApp(META, { ...base(), ...ENCRYPTED, events });
    const told: unknown[] = [];
    const stop = app.app.get(QueueEvents).on('completed', ({ result }) => void told.push(result));
    const blind = await startQueueApp(META, { ...base(), events });
    const blindly: unknown[] = [];
    blind.app.get(QueueEvents).on('completed', (event) => void blindly.push(event));
    await Promise.all([app, blind].map((each) => each.app.get(QueueEvents).ready()));
    await app.queue.push(SecretJob, { note: 'a' });
    await app.run();
    while (told.length === 0 || blindly.length === 0) await new Promise(setImmediate);
    stop();
    expect(told).toEqual([{ told: 'a' }]);
    expect(blindly).toEqual([expect.objectContaining({ name: 'SecretJob' })]);
    expect(blindly).not.toEqual([expect.objectContaining({ result: expect.anything() })]);
  });

  test.each([
    ['codecs', 'no list', {}],
    ['codecs[0]', 'no codec', [5]],
    ['codecs[1].name', 'one twice', [compress(), compress()]],
    ['codecs[0].name', 'a bad name', [{ ...compress(), name: 'A b', encode() {}, decode() {} }]],
  ])('refuses the option %s: %s', async (option, _title, codecs) => {
    const building = async () => initQueueApp(await buildQueueApp({}, { codecs: codecs as never }).compile());
    await expect(building()).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION', option });
  });
});
