import { describe, expect, test } from '@jest/globals';
import { Cluster, Redis } from 'ioredis';
import type { QueueModuleOptions } from 'nestjs-job-queue';
import { resolveOptions } from '../../../lib/options/options.resolver.js';
import { InvalidOptionError } from '../../../lib/queue.errors.js';

function resolve(options: unknown, env: Record<string, string> = {}) {
  return resolveOptions(options as QueueModuleOptions, env);
}

function connection(redis: unknown, env: Record<string, string> = {}) {
  return resolve({ redis }, env).redis.connection;
}

test('resolveOptions() returns the defaults without options', () => {
  expect(resolve(undefined)).toMatchObject({
    driver: 'redis',
    default: 'default',
    redis: {
      client: undefined,
      cluster: undefined,
      clusterOptions: {},
      connection: { host: '127.0.0.1', port: 6379, db: 0 },
      whenAway: 'fail',
      connectDeadline: 10,
      requestDeadline: 10,
    },
    worker: {
      enabled: true,
      queues: undefined,
      concurrency: 10,
      lease: 30,
      shutdownTimeout: 25,
      drainOn: 'beforeApplicationShutdown',
    },
    jobs: {
      maxTries: 3,
      backoff: 'exponential',
      retryDelay: 60,
      maxRetryDelay: 3600,
      retryJitter: 0.1,
      timeout: 0,
      maxCrashes: 3,
    },
    statusTtl: 86_400,
    maxPayloadSize: 262_144,
    logger: undefined,
    globalEnhancers: false,
    middleware: [],
    carriers: [],
    afterCommit: false,
    transactions: undefined,
    events: { everywhere: false, keep: 10_000 },
  });
});

test('resolveOptions() takes endless tries beside a time for them', () => {
  expect(resolve({ jobs: { maxTries: Infinity, retryFor: '90d' } }).jobs).toMatchObject({
    maxTries: Infinity,
    retryFor: 90 * 86_400,
  });
  expect(resolve({}).jobs.retryFor).toBeUndefined();
});

test('resolveOptions() sets no limit of releases unless it is given', () => {
  expect(resolve({}).jobs.maxReleases).toBeUndefined();
  expect(resolve({ jobs: { maxReleases: 0 } }).jobs.maxReleases).toBe(0);
});

test('resolveOptions() returns durations in seconds', () => {
  const options = resolve({
    statusTtl: '1h',
    worker: { lease: '1m', shutdownTimeout: 1.5 },
    jobs: { retryDelay: '2 minutes', maxRetryDelay: '1d', timeout: '500ms' },
    redis: { connectDeadline: '3s', requestDeadline: '250' },
  });
  expect(options).toMatchObject({
    statusTtl: 3600,
    worker: { lease: 60, shutdownTimeout: 1.5 },
    jobs: { retryDelay: 120, maxRetryDelay: 86_400, timeout: 0.5 },
    redis: { connectDeadline: 3, requestDeadline: 250 },
  });
});

test('resolveOptions() disables the worker with worker: false', () => {
  expect(resolve({ worker: false }).worker).toMatchObject({ enabled: false, concurrency: 10 });
  expect(resolve({ worker: { enabled: false, concurrency: 5 } }).worker).toMatchObject({
    enabled: false,
    concurrency: 5,
  });
});

describe('environment variables', () => {
  const env = {
    QUEUE_DRIVER: 'redis',
    QUEUE_DEFAULT: 'from-env',
    QUEUE_PREFIX: 'env:',
    REDIS_HOST: 'env.example.org',
    REDIS_PORT: '7000',
    REDIS_PASSWORD: 'secret',
    REDIS_DATABASE: '3',
  };

  test('complete the options', () => {
    const options = resolve({}, env);
    expect(options).toMatchObject({ driver: 'redis', default: 'from-env', prefix: 'env:' });
    expect(options.redis.connection).toEqual({ host: 'env.example.org', port: 7000, password: 'secret', db: 3 });
  });

  test('do not replace explicit options', () => {
    const options = resolve(
      { driver: 'redis', default: 'own', prefix: '', redis: { host: 'h', port: 1, password: 'p', database: 0 } },
      env,
    );
    expect(options.default).toBe('own');
    expect(options.prefix).toBe('');
    expect(options.redis.connection).toEqual({ host: 'h', port: 1, password: 'p', db: 0 });
    expect(resolve({ driver: 'array' }, env).driver).toBe('array');
  });

  test('are ignored if they are empty', () => {
    const empty = Object.fromEntries(Object.keys(env).map((name) => [name, '']));
    expect(resolve({}, empty)).toEqual(resolve({}));
  });

  test.each([
    ['QUEUE_DRIVER', 'mysql', '"redis" or "array"'],
    ['QUEUE_DEFAULT', 'a:b', 'a queue name'],
    ['QUEUE_PREFIX', 'my shop:', '0 to 64 of A-Z a-z 0-9 _ . : -'],
    ['REDIS_PORT', '0', 'a whole number from 1 to 65535'],
    ['REDIS_PORT', '70000', 'a whole number from 1 to 65535'],
    ['REDIS_PORT', '63x', 'a whole number from 1 to 65535'],
    ['REDIS_DATABASE', '-1', 'a whole number from 0'],
    ['QUEUE_WORKER', 'no', '"on", "true" or "1", or "off", "false" or "0"'],
  ])('are refused by their name if they are invalid: %s=%s', (name, value, expected) => {
    expect(() => resolve({}, { [name]: value })).toThrow(InvalidOptionError);
    expect(() => resolve({}, { [name]: value })).toThrow(`Option "${name}": expected ${expected}`);
    expect(() => resolve({}, { [name]: value })).toThrow(JSON.stringify(value));
  });

  test.each<[string, QueueModuleOptions['worker'], boolean]>([
    ['off', undefined, false],
    ['false', undefined, false],
    ['0', undefined, false],
    ['OFF', { concurrency: 5 }, false],
    ['on', undefined, true],
    ['true', undefined, true],
    ['1', undefined, true],
    ['', undefined, true],
    ['off', { enabled: true }, true],
    ['on', { enabled: false }, false],
    ['on', false, false],
  ])('QUEUE_WORKER=%s with the option worker %j', (QUEUE_WORKER, worker, enabled) => {
    expect(resolve({ worker }, { QUEUE_WORKER }).worker.enabled).toBe(enabled);
    expect(resolve({ worker, driver: 'array' }, { QUEUE_WORKER }).worker.enabled).toBe(enabled);
  });

  test('QUEUE_WORKER is ignored in the command queue-worker', () => {
    const key = Symbol.for('nestjs-job-queue:manual-worker');
    Reflect.set(globalThis, key, true);
    try {
      expect(resolve({}, { QUEUE_WORKER: 'off' }).worker.enabled).toBe(true);
      expect(resolve({}, { QUEUE_WORKER: 'nonsense' }).worker.enabled).toBe(true);
    } finally {
      Reflect.deleteProperty(globalThis, key);
    }
  });

  test('for Redis are ignored by the array driver', () => {
    expect(resolve({ driver: 'array' }, { REDIS_PORT: 'wrong' }).driver).toBe('array');
  });
});

describe('the error of an invalid option names its path, the expected and the given value', () => {
  test.each<[unknown, string]>([
    [5, 'Option "options": expected an object, got 5'],
    [[], 'Option "options": expected an object, got an array of 0'],
    [{ driver: 'mysql' }, 'Option "driver": expected "redis" or "array", got "mysql"'],
    [{ drivr: 'redis' }, 'Option "drivr": expected no option of this name (did you mean "driver"?), got "redis"'],
    [{ connection: {} }, 'Option "connection": expected no option of this name (known are driver, default, redis'],
    [{ default: '' }, 'Option "default": expected a queue name'],
    [{ prefix: '{shop}:' }, 'Option "prefix": expected 0 to 64 of A-Z a-z 0-9 _ . : -, got "{shop}:"'],
    [{ prefix: 'a'.repeat(65) }, 'Option "prefix": expected 0 to 64'],
    [{ prefix: 5 }, 'got 5'],
    [{ default: 'queue:a' }, 'got "queue:a"'],
    [{ worker: true }, 'Option "worker": expected an object, got true'],
    [
      { worker: { concurency: 5 } },
      'Option "worker.concurency": expected no option of this name (did you mean "concurrency"?)',
    ],
    [{ worker: { enabled: 'yes' } }, 'Option "worker.enabled": expected true or false, got "yes"'],
    [{ worker: { concurrency: 0 } }, 'Option "worker.concurrency": expected a whole number from 1 to 10000, got 0'],
    [{ worker: { concurrency: 2.5 } }, 'got 2.5'],
    [{ worker: { concurrency: '5' } }, 'got "5"'],
    [{ worker: { lease: 0.5 } }, 'Option "worker.lease": expected seconds'],
    [{ worker: { lease: 0.5 } }, 'at least 1 s'],
    [{ worker: { lease: '2d' } }, 'at most 86400 s'],
    [{ worker: { shutdownTimeout: -1 } }, 'Option "worker.shutdownTimeout"'],
    [{ worker: { shutdownTimeout: Number.NaN } }, 'got NaN'],
    [
      { worker: { queues: 'emails' } },
      'Option "worker.queues": expected a list of queue names that is not empty, pools, or "*", got "emails"',
    ],
    [{ worker: { queues: [] } }, 'got an array of 0'],
    [{ worker: { queues: ['a', 'b:c'] } }, 'Option "worker.queues[1]": expected a queue name'],
    [{ worker: { queues: ['a', 'a'] } }, 'Option "worker.queues[1]": expected each queue once, got "a"'],
    [{ worker: { drainOn: 'onExit' } }, '"beforeApplicationShutdown" or "onModuleDestroy", got "onExit"'],
    [
      { jobs: { maxTries: 0 } },
      'Option "jobs.maxTries": expected a whole number from 1 to 1000000, or Infinity beside "retryFor", got 0',
    ],
    [{ jobs: { maxTries: Infinity } }, 'or Infinity beside "retryFor", got Infinity'],
    [{ jobs: { retryFor: 0 } }, 'Option "jobs.retryFor": expected seconds'],
    [{ jobs: { retryFor: 172_800_000 } }, 'as a number at most 2592000 (numbers are seconds, not milliseconds'],
    [{ jobs: { maxReleases: -1 } }, 'Option "jobs.maxReleases": expected a whole number from 0 to 1000000, got -1'],
    [{ jobs: { retryDelay: 'soon' } }, 'Option "jobs.retryDelay"'],
    [{ jobs: { retryJitter: 2 } }, 'Option "jobs.retryJitter": expected a number from 0 to 1, got 2'],
    [{ jobs: { timeout: Number.POSITIVE_INFINITY } }, 'got Infinity'],
    [
      { jobs: { backoff: 5 } },
      'Option "jobs.backoff": expected "exponential", "fixed", or a list of 1 to 100 pauses, each seconds',
    ],
    [{ jobs: { backoff: () => 5 } }, 'Option "jobs.backoff"'],
    [{ jobs: { backoff: ['1s', 'soon'] } }, 'Option "jobs.backoff"'],
    [{ statusTtl: '1 fortnight' }, 'Option "statusTtl"'],
    [{ statusTtl: 1e12 }, 'got 1000000000000'],
    [{ maxPayloadSize: 0 }, 'Option "maxPayloadSize": expected a whole number from 1'],
    [{ serializer: { serialize() {} } }, 'Option "serializer": expected an object with serialize(), deserialize()'],
    [{ logger: true }, 'Option "logger": expected an object with log(), warn(), error(), got true'],
    [{ globalEnhancers: 1 }, 'Option "globalEnhancers"'],
    [{ driver: null }, 'got null'],
    [{ redis: 'localhost' }, 'Option "redis": expected an object, got "localhost"'],
    [{ redis: { host: '' } }, 'Option "redis.host": expected a string that is not empty, got ""'],
    [{ redis: { port: '6379' } }, 'Option "redis.port": expected a whole number from 1 to 65535, got "6379"'],
    [{ redis: { database: -1 } }, 'Option "redis.database": expected a whole number from 0'],
    [{ redis: { database: 1, db: 2 } }, 'Option "redis.db": expected the same as "redis.database" (1), got 2'],
    [
      { redis: { keyPrefix: 'app:' } },
      'Option "redis.keyPrefix": expected none (it changes only some of the keys of a script',
    ],
    [{ redis: { replyMapping: 'resp3' } }, 'Option "redis.replyMapping"'],
    [{ redis: { whenAway: 'hang' } }, '"fail" or "wait", got "hang"'],
    [{ redis: { connectDeadline: 0 } }, 'Option "redis.connectDeadline"'],
    [{ redis: { cluster: [] } }, 'Option "redis.cluster": expected a list of nodes that is not empty'],
    [{ redis: { cluster: [{ port: 1 }] } }, 'Option "redis.cluster[0]": expected { host, port }'],
    [{ redis: { cluster: [{ host: 'a', port: 0 }] } }, 'Option "redis.cluster[0].port"'],
    [{ redis: { cluster: [{ host: 'a' }], host: 'b' } }, 'Option "redis.host": expected none beside "redis.cluster"'],
    [
      { redis: { cluster: [{ host: 'a' }], database: 1 } },
      'Option "redis.database": expected 0, the only database that a Redis Cluster has, got 1',
    ],
    [
      { redis: { cluster: [{ host: 'a' }], clusterOptions: { redisOptions: {} } } },
      'Option "redis.clusterOptions.redisOptions": expected nothing here',
    ],
    [
      { redis: { cluster: [{ host: 'a' }], clusterOptions: { keyPrefix: 'a' } } },
      'Option "redis.clusterOptions.keyPrefix"',
    ],
    [{ redis: { clusterOptions: {} } }, 'Option "redis.clusterOptions": expected "redis.cluster" beside it'],
    [{ redis: { sentinels: [] } }, 'Option "redis.sentinels": expected a list'],
    [{ redis: { sentinels: [5], name: 'm' } }, 'Option "redis.sentinels[0]": expected { host, port }, got 5'],
    [
      { redis: { sentinels: [{ host: 'a', port: 1 }] } },
      'Option "redis.name": expected the name under which the sentinels know the master',
    ],
    [
      { redis: { url: 'redis://a', sentinels: [{ host: 'a' }] } },
      'Option "redis.sentinels": expected none beside "redis.url"',
    ],
    [{ redis: { url: 'http://a' } }, 'Option "redis.url": expected a URL such as redis://'],
    [{ redis: { url: 'redis://a/b' } }, 'Option "redis.url"'],
    [{ redis: { url: 'redis://a:99999' } }, 'Option "redis.url"'],
    [{ redis: { url: 'redis://a?family=6' } }, 'rather than in a query string'],
    [{ redis: { client: {} } }, 'Option "redis.client": expected a Redis or Cluster of ioredis, got an object'],
  ])('%j', (options, message) => {
    expect(() => resolve(options)).toThrow(InvalidOptionError);
    expect(() => resolve(options)).toThrow(message);
  });

  test('does not contain a password', () => {
    for (const redis of [
      { password: 5 },
      { url: 'http://user:hunter2@host' },
      { url: 'redis://:hunter2@host/x' },
      { url: 'user:hunter2@host' },
      { url: 'redis://user:hunter2@%zz' },
      { url: 'redis+unix:///redis.sock?pass=hunter2&x=1' },
      { url: 'redis://host?password=hunter2' },
    ]) {
      let message = '';
      try {
        connection(redis);
      } catch (error) {
        message = String(error);
      }
      expect(message).toMatch(/InvalidOptionError/);
      expect(message).not.toContain('hunter2');
    }
  });
});

describe('the option redis.url', () => {
  test.each([
    ['redis://example.org', { host: 'example.org', port: 6379, db: 0 }],
    ['redis://example.org:7000/5', { host: 'example.org', port: 7000, db: 5 }],
    ['redis://:p%40ss@example.org', { host: 'example.org', port: 6379, db: 0, password: 'p@ss' }],
    ['redis://ada:secret@[::1]:7000/', { host: '::1', port: 7000, db: 0, username: 'ada', password: 'secret' }],
    ['rediss://example.org', { host: 'example.org', port: 6379, db: 0, tls: {} }],
    ['redis+unix:///run/redis.sock', { path: '/run/redis.sock', db: 0 }],
    ['unix:///run/my%20redis.sock?db=3', { path: '/run/my redis.sock', db: 3 }],
    ['redis+unix://ada:p%40ss@/redis.sock', { path: '/redis.sock', db: 0, username: 'ada', password: 'p@ss' }],
    ['unix:///redis.sock?user=ada&pass=a%26b&db=1', { path: '/redis.sock', db: 1, username: 'ada', password: 'a&b' }],
  ])('%s', (url, expected) => {
    expect(connection({ url })).toEqual(expected);
  });

  test.each(['#', '/', '?', '%'])('is refused with %s in the password: the message says "percent-encode"', (letter) => {
    for (const url of [`redis://ada:hun${letter}ter2@host:6379/0`, `rediss://:hun${letter}ter2@host`]) {
      expect(() => connection({ url })).toThrow(/percent-encode characters such as/);
      expect(() => connection({ url })).not.toThrow(/hun|ter2/);
      expect(() => connection({}, { REDIS_URL: url })).toThrow(/^Option "REDIS_URL": .*percent-encode/);
    }
  });

  test.each(['host', 'port', 'tls'])('of a Unix socket takes no %s beside it', (option) => {
    const redis = { url: 'unix:///redis.sock', [option]: option === 'port' ? 1 : 'a' };
    expect(() => connection(redis)).toThrow(`Option "redis.${option}": expected none beside "redis.url"`);
  });

  test.each(['unix:///redis.sock?db=x', 'unix:///redis.sock?family=6', 'unix:///redis.sock?db=1&database=2'])(
    '%s is refused',
    (url) => expect(() => connection({ url })).toThrow('Option "redis.url"'),
  );

  test('may come from REDIS_URL, which no other variable completes', () => {
    const env = { REDIS_URL: 'redis://u:p@h:2/3', REDIS_PASSWORD: 'env', REDIS_DATABASE: '9' };
    expect(connection({}, env)).toEqual({ host: 'h', port: 2, username: 'u', password: 'p', db: 3 });
    expect(connection({ database: 5 }, env)).toMatchObject({ host: 'h', db: 5 });
    expect(connection({}, { ...env, REDIS_URL: 'unix:///redis.sock' })).toEqual({ path: '/redis.sock', db: 0 });
    expect(connection({}, { REDIS_URL: '' })).toEqual({ host: '127.0.0.1', port: 6379, db: 0 });
  });

  test('is not read from REDIS_URL if something else says where the server is', () => {
    const env = { REDIS_URL: 'redis://u:p@h:2/3', REDIS_PASSWORD: 'env' };
    expect(connection({ host: 'own' }, env)).toMatchObject({ host: 'own', port: 6379, password: 'env' });
    expect(connection({ url: 'redis://own' }, env)).toEqual({ host: 'own', port: 6379, db: 0 });
    expect(connection({ path: '/redis.sock' }, env)).toEqual({ path: '/redis.sock', password: 'env', db: 0 });
    expect(connection({}, { ...env, REDIS_HOST: 'env' })).toMatchObject({ host: 'env', port: 6379 });
    expect(connection({}, { ...env, REDIS_PORT: '5' })).toMatchObject({ host: '127.0.0.1', port: 5 });
    expect(connection({ cluster: [{ host: 'a' }] }, env)).toEqual({ password: 'env', db: 0 });
  });

  test('does not replace explicit options, and is not completed by the environment', () => {
    const env = { REDIS_HOST: 'env', REDIS_PORT: '1', REDIS_PASSWORD: 'env', REDIS_DATABASE: '9' };
    expect(connection({ url: 'redis://u:p@h:2/3', host: 'own', database: 4 }, env)).toEqual({
      host: 'own',
      port: 2,
      username: 'u',
      password: 'p',
      db: 4,
    });
    expect(connection({ url: 'redis://h' }, env)).toEqual({ host: 'h', port: 6379, db: 0 });
    expect(connection({ url: 'redis://h', password: 'own' }, env)).toMatchObject({ password: 'own', db: 0 });
    expect(connection({ url: 'redis://u@h/3' }, env)).toEqual({ host: 'h', port: 6379, username: 'u', db: 3 });
  });
});

describe('the option redis', () => {
  test('passes unknown members on to ioredis', () => {
    const retryStrategy = () => 5;
    const redis = { host: 'h', family: 6, connectTimeout: 5, retryStrategy, tls: { ca: 'x' } };
    expect(connection(redis)).toEqual({ ...redis, port: 6379, db: 0 });
  });

  test('means no password with a password of null or ""', () => {
    for (const password of [null, '']) {
      expect(connection({ password }, { REDIS_PASSWORD: 'env' }).password).toBe('');
    }
  });

  test('takes password and database, but no host, from the environment beside a path', () => {
    const env = { REDIS_HOST: 'env', REDIS_PORT: '1', REDIS_PASSWORD: 'p', REDIS_DATABASE: '2' };
    expect(connection({ path: '/run/redis.sock' }, env)).toEqual({ path: '/run/redis.sock', password: 'p', db: 2 });
  });

  test('takes no host from the environment beside sentinels or a cluster', () => {
    const sentinels = [{ host: 'a', port: 26_379 }];
    const env = { REDIS_HOST: 'env', REDIS_PASSWORD: 'p' };
    const named = { ...env, REDIS_DATABASE: '2' };
    expect(connection({ sentinels, name: 'main' }, named)).toEqual({ sentinels, name: 'main', password: 'p', db: 2 });
    const cluster = [{ host: 'a', port: 1 }, 'redis://b:2', 7000];
    const resolved = resolve({ redis: { cluster, clusterOptions: { scaleReads: 'master' } } }, env).redis;
    expect(resolved).toMatchObject({ cluster, clusterOptions: { scaleReads: 'master' } });
    expect(resolved.connection).toEqual({ password: 'p', db: 0 });
  });

  test('refuses a database of the environment beside a cluster', () => {
    expect(() => connection({ cluster: [{ host: 'a' }] }, { REDIS_DATABASE: '2' })).toThrow('Option "REDIS_DATABASE"');
  });
});

describe('the option redis.client', () => {
  const client = new Redis({ lazyConnect: true });
  const cluster = new Cluster([{ host: 'a', port: 1 }], { lazyConnect: true });

  test('accepts a Redis or a Cluster', () => {
    for (const shared of [client, cluster]) {
      const { redis } = resolve({ redis: { client: shared, whenAway: 'wait' } }, { REDIS_HOST: 'env' });
      expect(redis.client).toBe(shared);
      expect(redis).toMatchObject({ connection: {}, whenAway: 'wait' });
    }
  });

  test.each(['url', 'host', 'port', 'database', 'cluster', 'sentinels', 'password', 'tls'])(
    'refuses %s beside it',
    (option) => {
      expect(() => resolve({ redis: { client, [option]: [{ host: 'a' }] } })).toThrow(
        `Option "redis.${option}": expected none beside "redis.client"`,
      );
    },
  );

  test('refuses a client whose settings would break scripts', () => {
    for (const settings of [
      { keyPrefix: 'app:' },
      { replyMapping: 'resp3', protocol: 3 },
      { stringNumbers: true },
    ] as const) {
      const single = new Redis({ lazyConnect: true, ...settings } as object);
      const nodes = new Cluster([{ host: 'a', port: 1 }], { lazyConnect: true, redisOptions: settings as object });
      const [name] = Object.keys(settings);
      for (const bad of [single, nodes]) {
        expect(() => resolve({ redis: { client: bad } })).toThrow(`Option "redis.client.options.${name}": expected`);
      }
    }
  });
});
