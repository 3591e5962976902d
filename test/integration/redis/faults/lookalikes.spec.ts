import { describe, expect, it } from '@jest/globals';
import { InvalidOptionError, QueueConnectionError, UnsupportedServerError } from '../../../../lib/queue.errors.js';
import type { QueueRedisOptions } from '../../../../lib/queue.options.js';
import { LookalikeServer, unknownCommand, type Replies } from '../../../support/lookalike-server.js';
import { RedisDrivers } from '../../../support/redis-drivers.js';
import { startRedis } from '../../../support/redis-server.js';

const NEEDS = 'this library needs Redis 7.0 or newer, or Valkey 7.2 or newer';
const UNDECLARED = '-ERR script tried accessing undeclared key\r\n';
const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
const without =
  (...missing: string[]): Replies =>
  (command) =>
    missing.includes(command) ? unknownCommand(command) : undefined;

describe('a server that looks like Redis', () => {
  const drivers = new RedisDrivers();
  const boot = async (replies: Replies, options: QueueRedisOptions = {}): Promise<Error | undefined> => {
    const { host, port } = drivers.keep(await LookalikeServer.start(replies));
    const driver = drivers.create({ redis: { host, port, connectDeadline: 0.5, ...options } });
    return driver.connect().then(
      () => undefined,
      (error: Error) => error,
    );
  };

  it('is accepted if it does all that is asked, without HELLO as well', async () => {
    expect(await boot(() => undefined)).toBeUndefined();
    expect(await boot(without('hello'))).toBeUndefined();
  });

  it.each([
    ['INFO', 'refuses INFO', without('info'), {}],
    ['SELECT', 'refuses SELECT', without('select'), { database: 3 }],
    ['BZPOPMIN', 'refuses BZPOPMIN', without('bzpopmin'), {}],
    ['scripts', 'refuses scripts that compute the names of keys', without('eval', 'evalsha'), {}],
  ])('is refused at the start without %s, by a message that names it', async (_, what, replies, options) => {
    for (const whenAway of ['fail', 'wait'] as const) {
      // INFO is a part of connecting, for which "wait" waits.
      if (what === 'refuses INFO' && whenAway === 'wait') continue;
      const error = await boot(replies, { ...options, whenAway });
      expect(error).toBeInstanceOf(UnsupportedServerError);
      expect(error?.message).toMatch(
        new RegExp(`runs a server that ${what} \\(ERR unknown command '\\w+'\\): ${NEEDS}`),
      );
    }
  });

  it('is refused if scripts may not use keys that the client has not declared', async () => {
    const error = await boot((command) => (command.startsWith('eval') ? UNDECLARED : undefined));
    expect(error).toBeInstanceOf(UnsupportedServerError);
    expect(error?.message).toContain('(ERR script tried accessing undeclared key)');
  });

  it('is refused if its version is one of before Redis 7', async () => {
    const info = '# Server\r\nredis_version:6.3.4\r\nloading:0\r\n';
    const error = await boot((command) => (command === 'info' ? bulk(info) : undefined));
    expect(error).toBeInstanceOf(UnsupportedServerError);
    expect(error?.message).toContain(`runs Redis 6.3.4: ${NEEDS}`);
  });

  it('cannot be reached if it closes each connection at the first command, and the message says what does so', async () => {
    const error = await boot(() => null);
    expect(error).toBeInstanceOf(QueueConnectionError);
    expect(error?.message).toMatch(/cannot be reached within 0.5 s.*closes each connection.*Twemproxy or Envoy/);
  });

  it('is accepted if the user may not make the checks', async () => {
    const denied = (command: string): string | undefined =>
      ['eval', 'bzpopmin'].includes(command) ? `-NOPERM this user has no permissions\r\n` : undefined;
    expect(await boot(denied)).toBeUndefined();
  });
});

describe('a database that the server does not have', () => {
  const drivers = new RedisDrivers();

  it('stops the start: the client would use database 0', async () => {
    const { host, port } = drivers.keep(await startRedis());
    const connecting = drivers.create({ redis: { host, port, database: 99 } }).connect();
    await expect(connecting).rejects.toBeInstanceOf(InvalidOptionError);
    await expect(connecting).rejects.toThrow(
      `Option "redis.database": expected the number of a database that Redis at ${host}:${port} has, got 99`,
    );
  });
});

describe('a server that evicts keys', () => {
  const drivers = new RedisDrivers();
  const warningsOf = async (policy: string): Promise<string[]> => {
    const { host, port } = drivers.keep(await startRedis({ config: ['--maxmemory-policy', policy] }));
    const warnings: string[] = [];
    const logger = { warn: (message: string) => void warnings.push(message), log: () => undefined };
    await drivers.create({ redis: { host, port }, logger }).connect();
    return warnings.map((message) => message.replace(`${host}:${port}`, 'HOST'));
  };

  it.each([
    ['allkeys-lru', 'jobs'],
    ['volatile-ttl', 'statuses'],
  ])('with %s is warned of once at the start', async (policy, lost) => {
    expect(await warningsOf(policy)).toEqual([
      `Redis at HOST has the maxmemory-policy "${policy}": if its memory is full it drops ${lost} without a word. Set "noeviction"`,
    ]);
  });

  it('is not warned of with noeviction', async () => {
    expect(await warningsOf('noeviction')).toEqual([]);
  });
});
