import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import type { Redis } from 'ioredis';
import {
  Job,
  type JobHandler,
  QueueConnectionError,
  QueueManager,
  QueueModule,
  type QueueRedisOptions,
  StorageFullError,
  Worker,
} from 'nestjs-job-queue';
import { eventually } from '../support/eventually.js';
import { startRedis, type TestRedis } from '../support/redis-server.js';
import { useRedis } from '../support/use-redis.js';
import { commandsOf, splitWords } from './commands.js';
import { codeIn, readDocs } from './docs.js';
import { PLACES } from './places.js';
import { exampleName } from './examples.js';
import { RunnableExamples } from './run-examples.js';

const docs = readDocs();

@Job()
class PlainJob implements JobHandler<{ fails?: boolean }> {
  async handle({ fails }: { fails?: boolean }): Promise<void> {
    if (fails) throw new Error('mail server is down');
  }
}

async function startApp(redis: QueueRedisOptions): Promise<TestingModule> {
  const app = await Test.createTestingModule({
    imports: [QueueModule.forRoot({ driver: 'redis', redis, worker: false, logger: false })],
    providers: [PlainJob],
  }).compile();
  await app.init();
  return app;
}

/** A reply as `redis-cli` shows it, flat. */
async function ask(client: Redis, [command = '', ...args]: readonly string[]): Promise<string[]> {
  const reply = await client.call(command, ...args);
  return [reply].flat(Infinity as 1).map(String);
}

const calls = [
  ...commandsOf(docs).map(({ words }) => words),
  ...codeIn(docs.prose)
    .filter((code) => code.startsWith('redis-cli '))
    .map(splitWords),
].filter(([program]) => program === 'redis-cli');

describe('the redis-cli commands in the documents', () => {
  const redis = useRedis();
  const examples = new RunnableExamples();
  let app: TestingModule;
  let ids: { ready: string[]; delayed: string; failed: string; retrying: string };

  beforeEach(async () => {
    const { host, port, database, username, password } = redis;
    app = await startApp({ host, port, database, username, password });
    const queue = app.get(QueueManager);
    const failed = await queue.push(PlainJob, { fails: true }, { maxTries: 1 });
    const retrying = await queue.push(PlainJob, { fails: true });
    await app.get(Worker).runOnce();
    const delayed = await queue.later(PlainJob, {}, '1h');
    await queue.push(PlainJob, {});
    // This job stays reserved, so that the queue has a consumer.
    expect(await queue.pop()).not.toBeNull();
    ids = { ready: await queue.pushMany(PlainJob, [{}, {}]), delayed, failed, retrying };
  });

  afterEach(() => app.close());

  /** Checks the reply of each command against the text beside it. */
  const answers: Readonly<Record<string, (reply: readonly string[]) => void>> = {
    'llen queue:default': (reply) => expect(reply).toEqual(['2']),
    'zcard queue:default:delayed': (reply) => expect(reply).toEqual(['2']),
    'zcard queue:default:failed': (reply) => expect(reply).toEqual(['1']),
    'llen queue:default:recovered': (reply) => expect(reply).toEqual(['0']),
    'zrange queue:default:consumers 0 -1': (reply) => expect(reply).toHaveLength(1),
    'zrange queue:default:consumers 0 -1 withscores': ([worker, end, ...others]) => {
      expect(worker).toMatch(/^[\w-]{12}$/);
      expect(Math.abs(Number(end) - Date.now() - 30_000)).toBeLessThan(20_000);
      expect(others).toEqual([]);
    },
    'smembers queues': (reply) => expect(reply).toEqual(['default']),
    'get worker:last_processed': ([time]) => expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(60),
    'lrange queue:default 0 4': (reply) => expect(reply).toEqual(ids.ready),
    'zrange queue:default:delayed 0 4 withscores': ([first, soon, second, late]) => {
      expect([first, second]).toEqual([ids.retrying, ids.delayed]);
      expect(Number(late) - Number(soon)).toBeGreaterThan(3000);
    },
    'zrange queue:default:failed 0 4': (reply) => expect(reply).toEqual([ids.failed]),
    'get job:status:JOB_ID': ([status]) => {
      const sample = JSON.parse(docs.block(PLACES.redis, 'Monitoring', 'text')) as { updated_at: number };
      const { updated_at, ...others } = JSON.parse(status!) as typeof sample;
      expect(Object.keys({ updated_at, ...others }).sort()).toEqual(Object.keys(sample).sort());
      expect({ ...sample, updated_at }).toEqual({ ...others, updated_at });
      expect(Math.abs(updated_at - Date.now() / 1000)).toBeLessThan(60);
    },
    'hget queue:default:jobs JOB_ID': ([record]) => expect(record).toMatch(/^\d{13}hPlainJob\n\{"fails":true\}$/),
    ping: (reply) => expect(reply).toEqual(['PONG']),
  };

  it('get the reply that the text beside them describes', async () => {
    for (const [command, check] of Object.entries(answers)) {
      check(await ask(redis.client, splitWords(command.replace('JOB_ID', ids.retrying))));
    }
  });

  it('are all checked by this test', () => {
    const commands = new Set(calls.map((words) => words.slice(1).join(' ')));
    const others = [...commands].filter((command) => !command.startsWith('acl setuser '));
    expect(others.sort()).toEqual(Object.keys(answers).sort());
  });

  it('are accompanied by a function that finds a stuck queue', async () => {
    const { isStuck } = await examples.load<{ isStuck(client: Redis, queue?: string): Promise<boolean> }>(
      exampleName(PLACES.redis, 'health-check'),
    );
    expect(await isStuck(redis.client)).toBe(false);
    await redis.client.set('worker:last_processed', Math.floor(Date.now() / 1000) - 100);
    expect(await isStuck(redis.client)).toBe(true);
    await redis.client.del('worker:last_processed');
    expect(await isStuck(redis.client)).toBe(true);
    expect(await isStuck(redis.client, 'empty')).toBe(false);
  });
});

describe('the settings of Redis in the documents', () => {
  const settings = docs.blocks
    .find(({ lang }) => lang === 'conf')!
    .text.split('\n')
    .map((line) => line.split(' ') as [string, string]);
  let server: TestRedis;
  let admin: Redis;
  let apps: TestingModule[];

  beforeAll(async () => {
    const { Redis } = await import('ioredis');
    server = await startRedis({ config: settings.flatMap(([name, value]) => [`--${name}`, value]) });
    admin = new Redis(server.url);
  }, 120_000);

  beforeEach(() => {
    apps = [];
  });

  afterEach(async () => {
    for (const app of apps) await app.close();
  });

  afterAll(async () => {
    admin.disconnect();
    await server.stop();
  });

  async function start(redis: QueueRedisOptions): Promise<TestingModule> {
    const app = await startApp({ host: server.host, port: server.port, ...redis });
    apps.push(app);
    return app;
  }

  it('are known to Redis', async () => {
    expect(settings).toHaveLength(3);
    for (const [name, value] of settings) expect(await admin.config('GET', name)).toEqual([name, value]);
  });

  it('give a user exactly the rights that the library needs', async () => {
    const call = calls.find(([, command]) => command === 'acl')!;
    expect(await ask(admin, call.slice(1))).toEqual(['OK']);
    const { host, port } = server;
    const username = call[3]!;
    const password = call.find((word) => word.startsWith('>'))!.slice(1);
    const app = await start({ host, port, username, password });
    const queue = app.get(QueueManager);
    await queue.push(PlainJob, { fails: true });
    const id = await queue.push(PlainJob, {}, { id: 'mine' });
    await app.get(Worker).run({ stopWhenEmpty: true, maxJobs: 2 });
    expect((await queue.getJobStatus(id))?.status).toBe('completed');
    await queue.updateJobStatus(id, 'cancelled');
    await queue.push(PlainJob, {});
    await (await queue.pop())!.complete();
    expect(await queue.counts()).toEqual({ ready: 0, blocked: 0, delayed: 1, reserved: 0, failed: 0 });
    expect(await queue.clear()).toBe(1);
    expect(await queue.queues()).toEqual(['default']);
    expect(await queue.ping()).toBe(true);
    expect(await admin.get('worker:last_processed')).not.toBeNull();
    const { Redis } = await import('ioredis');
    const client = new Redis({ host, port, username, password });
    await expect(client.get('something:else')).rejects.toThrow('NOPERM');
    await expect(client.flushall()).rejects.toThrow('NOPERM');
    client.disconnect();
  });

  it('let a full server refuse pushes and serve all other requests', async () => {
    const app = await start({});
    const queue = app.get(QueueManager);
    const [done, failed] = await queue.pushMany(PlainJob, [{}, { fails: true }]);
    await admin.del('worker:last_processed');
    await admin.config('SET', 'maxmemory', '1mb');
    try {
      await expect(queue.push(PlainJob, {})).rejects.toThrow(StorageFullError);
      await app.get(Worker).runOnce();
      expect((await queue.getJobStatus(done!))?.status).toBe('completed');
      expect((await queue.getJobStatus(failed!))?.status).toBe('retrying');
      expect(await admin.get('worker:last_processed')).not.toBeNull();
      await queue.updateJobStatus(done!, 'cancelled');
      expect((await queue.getJobStatus(done!))?.status).toBe('cancelled');
      expect(await queue.clear()).toBe(1);
    } finally {
      await admin.config('SET', 'maxmemory', '0');
    }
  });

  it('are not affected by the clock of the process, because jobs use the clock of Redis', async () => {
    const app = await start({});
    const queue = app.get(QueueManager);
    const clock = Date.now;
    const ahead = jest.spyOn(Date, 'now').mockImplementation(() => clock() + 3_600_000);
    try {
      const id = await queue.later(PlainJob, {}, 0.05);
      const due = Number(await admin.zscore('queue:default:delayed', id));
      expect(Math.abs(due * 1000 - clock())).toBeLessThan(60_000);
      await eventually(async () => (await app.get(Worker).runOnce()) === 1);
      const { status, updatedAt } = (await queue.getJobStatus(id))!;
      expect(status).toBe('completed');
      expect(Math.abs(updatedAt.getTime() - clock())).toBeLessThan(60_000);
    } finally {
      ahead.mockRestore();
    }
  });

  it('refuse pushes while no replica is connected', async () => {
    expect(docs.of(PLACES.redis).prose.includes('`min-replicas-to-write 1`')).toBe(true);
    const app = await start({ requestDeadline: 0.3 });
    await admin.config('SET', 'min-replicas-to-write', '1');
    await expect(app.get(QueueManager).push(PlainJob, {})).rejects.toThrow(QueueConnectionError);
    await admin.config('SET', 'min-replicas-to-write', '0');
    expect(await app.get(QueueManager).push(PlainJob, {})).toMatch(/^\w+$/);
  });
});
