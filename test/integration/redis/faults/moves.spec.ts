import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RedisDriver } from '../../../../lib/drivers/redis/redis.driver.js';
import type { RedisCommands } from '../../../../lib/drivers/redis/redis-commands.js';
import { createJobId } from '../../../../lib/job/job-id.js';
import { JobCodec } from '../../../../lib/job/job-codec.js';
import { jsonSerializer } from '../../../../lib/job/json-serializer.js';
import { JobMender } from '../../../../lib/mending/job-mender.js';
import { StorageCorruptError, StorageFullError } from '../../../../lib/queue.errors.js';
import { systemClock } from '../../../../lib/support/clock.js';
import { claim, complete, fail, idsOf, numbered, settle } from '../../../contract/scene.js';
import { passTime, SCRIPT_TIME, setClock } from '../../../support/redis-clock.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { startRedis } from '../../../support/redis-server.js';
import { TcpProxy } from '../../../support/tcp-proxy.js';
import { useRedis } from '../../../support/use-redis.js';

const QUEUE = 'mail';
const OTHER = 'other';
const STEPS = ['move-out', 'move-in', 'end-move'] as const;
type Step = (typeof STEPS)[number];
/** What another operator does, the answer to it, and what is left after it if no job arrived. */
type Row = readonly [name: string, change: (mender: JobMender) => Promise<unknown>, answer: unknown, left: object];

/** What each job logs. */
const NOTE = { log: { before: 0, lines: ['page 1', 'page 2'] } };

const codec = new JobCodec({ serializer: jsonSerializer, maxPayloadSize: 1_000 });
const menderOf = (driver: RedisDriver) => new JobMender(driver, codec, systemClock);
const commandsOf = (driver: RedisDriver): RedisCommands => driver['toolkit'].commands;

/** Pushes jobs with the ids of an application, and lets them fail. */
async function failing(driver: RedisDriver, ids: readonly string[], queue = QUEUE, unique = true): Promise<void> {
  const consumer = driver.consume(queue, { lease: 30, onLost: () => undefined });
  for (let at = 0; at < ids.length; at += 100) {
    const jobs = ids.slice(at, at + 100).map((id) => ({ id, body: `hMail\n"${id}"`, delay: 0, name: 'Mail' }));
    await driver.push(queue, jobs, unique);
    const failures = (await claim(consumer, 100)).map((job) => Object.assign(fail(job), { note: NOTE }));
    await settle(consumer, ...failures);
  }
  await consumer.close();
}

/** Lets the process of a driver die when the server has executed a step: it sends nothing any more. */
function dieAfter(driver: RedisDriver, step: Step): void {
  const commands = commandsOf(driver);
  const run = commands.run.bind(commands);
  jest.spyOn(commands, 'run').mockImplementation(async (script, ...rest) => {
    const reply = await run(script, ...rest);
    if (script.name !== step) return reply;
    for (const method of ['run', 'call'] as const) jest.spyOn(commands, method).mockRejectedValue(new Error('killed'));
    throw new Error('killed');
  });
}

/** Two operators on one Redis: one of them dies, or its network loses replies. */
describe('an operator moves failed jobs to another queue', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();
  let proxy: TcpProxy;
  let driver: RedisDriver;
  let other: RedisDriver;

  const readyIn = (queue: string): Promise<string[]> => redis.client.lrange(`queue:${queue}`, 0, -1);
  const stateOf = async (id: string) => {
    const { state, queue, error } = (await other.getStatus(id)) ?? {};
    return { state, queue, error };
  };
  /** Each of the jobs waits once, in the other queue, and nothing is left of it in its own. */
  async function expectMoved(ids: readonly string[]): Promise<void> {
    expect((await readyIn(OTHER)).toSorted()).toEqual(ids.toSorted());
    expect(await other.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
    expect(await redis.client.exists('queue:mail:moving', 'queue:mail:moves', 'queue:mail:jobs')).toBe(0);
    for (const id of ids) expect(await stateOf(id)).toEqual({ state: 'queued', queue: OTHER, error: undefined });
    const consumer = other.consume(OTHER, { lease: 30, onLost: () => undefined });
    const jobs = await claim(consumer, 300);
    expect(idsOf(jobs).toSorted()).toEqual(ids.toSorted());
    for (const job of jobs) expect(job).toMatchObject({ attempt: 1, crashes: 0, body: `hMail\n"${job.id}"` });
    await settle(consumer, ...jobs.map((job) => complete(job)));
  }

  beforeEach(async () => {
    jest.restoreAllMocks();
    proxy = drivers.keep(await TcpProxy.start(redis));
    driver = await drivers.connect({ redis: { host: proxy.host, port: proxy.port, database: redis.database } });
    other = await drivers.connect({ redis: { url: redis.url } });
    // Loads the scripts: otherwise the lost reply would be NOSCRIPT.
    await failing(other, ['warm'], 'warm');
    await driver.mending.move('warm', ['warm'], 'warmer');
    await driver.clear('warmer');
  });

  it.each([
    ['takes the jobs', 'queue:mail:moving'],
    ['stores the jobs', 'queue:other:producer:'],
    ['forgets the jobs', 'queue:mail:moved:'],
  ])('moves each job once, and counts it, if the reply to the script that %s is lost', async (_, text) => {
    await failing(other, ['a', 'b']);
    const lost = proxy.loseReplyTo(text);
    expect(await menderOf(driver).retryAll(QUEUE, { to: OTHER })).toBe(2);
    expect(String(await lost)).toContain(text);
    await expectMoved(['a', 'b']);
  });

  it.each(STEPS)('goes on with the jobs of an operator that died after the step %s', async (step) => {
    await failing(other, ['a', 'b', 'c']);
    dieAfter(driver, step);
    await expect(menderOf(driver).retryAll(QUEUE, { to: OTHER, limit: 2 })).rejects.toThrow('killed');
    expect(await menderOf(other).retryAll(QUEUE, { to: OTHER })).toBe(step === 'move-out' ? 3 : 1);
    await expectMoved(['a', 'b', 'c']);
  });

  it('shows a job on its way as a failed one', async () => {
    await failing(other, ['a', 'b']);
    const before = await other.lists.find('a', [QUEUE]);
    expect(before).toMatchObject({ state: 'failed', failures: [{ error: 'no luck' }], logs: NOTE.log.lines });
    dieAfter(driver, 'move-out');
    await expect(driver.mending.move(QUEUE, ['a'], OTHER)).rejects.toThrow('killed');
    expect(await stateOf('a')).toEqual({ state: 'failed', queue: QUEUE, error: 'no luck' });
    expect(await other.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 2 });
    expect(await other.lists.find('a', [QUEUE])).toEqual(before);
    expect(await redis.client.ttl('job:status:a')).toBe(-1);
    // An id is taken as long as anything of its job is kept.
    const push = other.push(QUEUE, [{ id: 'a', body: 'hMail\n', delay: 0, name: 'Mail' }], true);
    expect(await push).toMatchObject([{ outcome: 'duplicate' }]);
  });

  const leftFailed: readonly Row[] = [
    ['retry', (mender) => mender.retry(['a', 'b']), 2, { ready: 2, failed: 0 }],
    ['retryAll', (mender) => mender.retryAll(QUEUE), 2, { ready: 2, failed: 0 }],
    ['remove', (mender) => mender.remove(['a', 'b']), 2, { ready: 0, failed: 0 }],
    ['flush', (mender) => mender.flush(QUEUE), 2, { ready: 0, failed: 0 }],
    ['clear', (mender) => mender.clear(QUEUE, { states: ['failed'] }), 2, { ready: 0, failed: 0 }],
    ['clear of waiting jobs', (mender) => mender.clear(QUEUE), 0, { ready: 0, failed: 2 }],
    ['obliterate', (mender) => mender.obliterate(QUEUE), undefined, { ready: 0, failed: 0 }],
  ];

  it.each(leftFailed)(
    'lets a %s have jobs that did not arrive, and they never arrive after that',
    async (name, change, answer, left) => {
      await failing(other, ['a', 'b']);
      const commands = commandsOf(driver);
      const run = commands.run.bind(commands);
      jest.spyOn(commands, 'run').mockImplementation(async (script, ...rest) => {
        // The message is under way for long, and meanwhile the other operator comes.
        if (script.name === 'move-in') expect(await change(menderOf(other))).toBe(answer);
        return run(script, ...rest);
      });
      const isUntouched = name === 'clear of waiting jobs';
      expect(await driver.mending.move(QUEUE, ['a', 'b'], OTHER)).toBe(isUntouched ? 2 : 0);
      if (isUntouched) return expectMoved(['a', 'b']);
      expect(await other.counts(QUEUE)).toMatchObject(left);
      expect(await readyIn(OTHER)).toEqual([]);
      expect(await redis.client.exists('queue:mail:moving', 'queue:mail:moves')).toBe(0);
    },
  );

  it.each(leftFailed.slice(0, 5))(
    'leaves jobs that arrived in the other queue, whatever a %s wants',
    async (name, change) => {
      await failing(other, ['a', 'b']);
      dieAfter(driver, 'move-in');
      await expect(driver.mending.move(QUEUE, ['a', 'b'], OTHER)).rejects.toThrow('killed');
      // The status leads to the job where it is now: there it can be removed.
      expect(await change(menderOf(other))).toBe(name === 'remove' ? 2 : 0);
      await menderOf(other).flush(QUEUE);
      if (name === 'remove') expect(await readyIn(OTHER)).toEqual([]);
      else await expectMoved(['a', 'b']);
      expect(await other.counts(QUEUE)).toEqual({ ready: 0, blocked: 0, delayed: 0, reserved: 0, failed: 0 });
    },
  );

  it('puts jobs that did not arrive back in their old places, with what is known of their failures', async () => {
    await failing(other, ['a', 'b', 'c']);
    const read = async () => {
      const score = await redis.client.zrange('queue:mail:failed', 0, '-1', 'WITHSCORES');
      const found = await Promise.all(['a', 'b', 'c'].map((id) => other.lists.find(id, [QUEUE])));
      return { score, found };
    };
    const before = await read();
    dieAfter(driver, 'move-out');
    await expect(driver.mending.move(QUEUE, ['b', 'a'], OTHER)).rejects.toThrow('killed');
    expect(await redis.client.zcard('queue:mail:failed')).toBe(1);
    await other.mending.failed(QUEUE, { limit: 1, headers: false });
    expect(await read()).toEqual(before);
    expect(await redis.client.ttl('job:status:a')).toBeGreaterThan(0);
  });

  it('drops a job on its way whose id a new job takes, in its own queue or in the other one', async () => {
    await failing(other, ['a', 'b']);
    const commands = commandsOf(driver);
    const run = commands.run.bind(commands);
    const push = (queue: string, id: string) =>
      other.push(queue, [{ id, body: 'hMail\n"new"', delay: 0, name: 'Mail', replacesEnded: true }], true);
    jest.spyOn(commands, 'run').mockImplementation(async (script, ...rest) => {
      if (script.name === 'move-in') {
        await push(QUEUE, 'a');
        await push(OTHER, 'b');
      }
      return run(script, ...rest);
    });
    expect(await driver.mending.move(QUEUE, ['a', 'b'], OTHER)).toBe(0);
    expect(await readyIn(QUEUE)).toEqual(['a']);
    expect(await readyIn(OTHER)).toEqual(['b']);
    expect(await other.counts(QUEUE)).toMatchObject({ ready: 1, failed: 0 });
    expect(await stateOf('a')).toMatchObject({ state: 'queued', queue: QUEUE });
    expect(await stateOf('b')).toMatchObject({ state: 'queued', queue: OTHER });
    const consumer = other.consume(OTHER, { lease: 30, onLost: () => undefined });
    expect(await claim(consumer, 5)).toMatchObject([{ id: 'b', body: 'hMail\n"new"' }]);
  });

  it('runs each job once if several operators move and retry all at once, and replies are lost', async () => {
    const ids = numbered(450);
    await failing(other, ids, QUEUE, false);
    const lost = proxy.loseReplyTo('queue:mail:moving');
    const counts = await Promise.all([
      menderOf(driver).retryAll(QUEUE, { to: OTHER }),
      menderOf(other).retryAll(QUEUE, { to: OTHER }),
      menderOf(other).retryAll(QUEUE, { to: 'third' }),
      menderOf(driver).retryAll(QUEUE),
    ]);
    await lost;
    // Jobs that one of them took from another one may have been passed over by all.
    const rest = await menderOf(other).retryAll(QUEUE, { to: OTHER });
    expect(counts.reduce((sum, count) => sum + count) + rest).toBe(450);
    const ready = (await Promise.all([QUEUE, OTHER, 'third'].map(readyIn))).flat();
    expect(ready.toSorted()).toEqual(ids);
    expect(await other.counts(QUEUE)).toMatchObject({ failed: 0 });
  });

  it('leaves a job alone if another program has removed what tells of its move', async () => {
    await failing(other, ['a', 'b']);
    dieAfter(driver, 'move-out');
    await expect(driver.mending.move(QUEUE, ['a'], OTHER)).rejects.toThrow('killed');
    await redis.client.del('queue:mail:moves');
    expect(await other.mending.retry(QUEUE, ['a'])).toBe(0);
    expect(await menderOf(other).retryAll(QUEUE)).toBe(1);
  });

  it('moves jobs with long data in small parts', async () => {
    const text = 'x'.repeat(400_000);
    const consumer = other.consume(QUEUE, { lease: 30, onLost: () => undefined });
    for (const id of ['a', 'b', 'c', 'd', 'e'])
      await other.push(QUEUE, [{ id, body: `hMail\n"${text}"`, delay: 0 }], false);
    await settle(consumer, ...(await claim(consumer, 5)).map((job) => fail(job)));
    const run = jest.spyOn(commandsOf(driver), 'run');
    expect(await driver.mending.move(QUEUE, ['a', 'b', 'c', 'd', 'e'], OTHER)).toBe(5);
    expect(run.mock.calls.filter(([{ name }]) => name === 'move-in')).toHaveLength(2);
    expect(await readyIn(OTHER)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('leaves no key that stays for ever', async () => {
    await failing(other, ['a', 'b']);
    dieAfter(driver, 'move-out');
    await expect(driver.mending.move(QUEUE, ['a', 'b'], OTHER)).rejects.toThrow('killed');
    for (const key of ['queue:mail:moving', 'queue:mail:moves']) {
      expect(await redis.client.ttl(key)).toBeGreaterThan(3_600);
      expect(await redis.client.ttl(key)).toBeLessThan(10 * 86_400);
    }
    await other.mending.failed(QUEUE, { limit: 1, headers: false });
    for (const key of ['queue:mail:jobs', 'queue:mail:failed', 'queue:mail:failures']) {
      expect([key, await redis.client.ttl(key)]).toEqual([key, expect.any(Number)]);
      expect(await redis.client.ttl(key)).toBeGreaterThan(0);
    }
    expect(await menderOf(other).retryAll(QUEUE, { to: OTHER })).toBe(2);
    for (const key of await redis.client.keys('queue:other:producer:*')) {
      expect(await redis.client.ttl(key)).toBeGreaterThan(0);
    }
  });

  it('tells the status of a moved job whose id names its old queue, if no statuses are kept', async () => {
    const bare = await drivers.connect({ redis: { url: redis.url }, statusTtl: 0 });
    const id = createJobId(Date.now(), QUEUE);
    await failing(bare, [id], QUEUE, false);
    // With a status time of 0 failed jobs are not kept: they are kept by another application.
    await failing(other, [id], QUEUE, false);
    await redis.client.del(`job:status:${id}`);
    const toolkit = { ...bare['toolkit'], retention: other['toolkit'].retention };
    jest.replaceProperty(bare.mending['moves'] as unknown as { toolkit: unknown }, 'toolkit', toolkit);
    expect(await bare.mending.move(QUEUE, [id], OTHER)).toBe(1);
    expect(await redis.client.ttl(`queue:mail:moved:${id}`)).toBeGreaterThan(86_400);
    expect(await bare.getStatus(id)).toMatchObject({ state: 'queued', queue: OTHER });
    expect(await bare.cancellations.cancel(id)).toBe('cancelled');
    expect(await bare.getStatus(id)).toBeNull();
  });
});

describe('the time of failed jobs on their way', () => {
  const redis = useRedis();
  const drivers = new RedisDrivers();

  it('goes on: they are gone when it is over', async () => {
    jest.restoreAllMocks();
    const start = Date.UTC(2026, 0, 1);
    await setClock(redis.client, start);
    const [driver, other] = await Promise.all(
      [1, 2].map(() => drivers.connect({ redis: { url: redis.url }, scriptTime: SCRIPT_TIME })),
    );
    await failing(other!, ['a', 'b']);
    dieAfter(driver!, 'move-out');
    await expect(driver!.mending.move(QUEUE, ['a'], OTHER)).rejects.toThrow('killed');
    const week = 7 * 86_400_000 + 1_000;
    await passTime(redis.client, week, start + week);
    expect(await menderOf(other!).retryAll(QUEUE, { to: OTHER })).toBe(0);
    expect(await other!.counts(QUEUE)).toMatchObject({ failed: 0 });
    expect(await other!.counts(OTHER)).toMatchObject({ ready: 0 });
    expect(await redis.client.exists('queue:mail:moving', 'queue:mail:moves')).toBe(0);
  });
});

describe('a target queue that takes no jobs', () => {
  const drivers = new RedisDrivers();

  it('leaves them failed, with the error of a push', async () => {
    jest.restoreAllMocks();
    const server = drivers.keep(await startRedis({ config: ['--maxmemory-policy', 'noeviction'] }));
    const client = drivers.client(server.url);
    const driver = await drivers.connect({ redis: { host: server.host, port: server.port } });
    await failing(driver, ['a', 'b']);
    await client.config('SET', 'maxmemory', '1');
    await expect(menderOf(driver).retryAll(QUEUE, { to: OTHER })).rejects.toBeInstanceOf(StorageFullError);
    expect(await client.zcard('queue:mail:failed')).toBe(2);
    expect(await client.exists('queue:mail:moving', 'queue:mail:moves')).toBe(0);
    await client.config('SET', 'maxmemory', '0');
    await client.set('queue:other:delayed', 'foreign');
    const corrupt = menderOf(driver).retryAll(QUEUE, { to: OTHER });
    await expect(corrupt).rejects.toBeInstanceOf(StorageCorruptError);
    await expect(corrupt).rejects.toMatchObject({ queue: OTHER });
    expect(await driver.counts(QUEUE)).toMatchObject({ failed: 2 });
    await client.del('queue:other:delayed');
    expect(await menderOf(driver).retryAll(QUEUE, { to: OTHER })).toBe(2);
  });
});
