import { beforeEach, describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { RedisClient } from '../../../../lib/drivers/redis/redis-clients.js';
import { isUncertain, RedisCommands, type RetryPolicy } from '../../../../lib/drivers/redis/redis-commands.js';
import { RedisConnection } from '../../../../lib/drivers/redis/redis-connection.js';
import { defineScript } from '../../../../lib/drivers/redis/scripts/script.js';
import {
  QueueClosedError,
  QueueConnectionError,
  StorageCorruptError,
  StorageFullError,
} from '../../../../lib/queue.errors.js';
import { FakeClock } from '../../../support/fake-clock.js';

const SCRIPT = defineScript({ name: 'test', keys: ['list'], args: ['count'], flags: [], body: 'return count' });
const INPUT = { keys: { list: 'queue:mail' }, args: { count: 3 }, rest: ['more'] };
/** Seconds. */
const DEADLINE = 10;

type Answer = () => Promise<unknown>;

/** Answers each command with the next of its answers, and the last of them from then on. */
class FakeClient extends EventEmitter {
  readonly isCluster = false;
  status = 'ready';
  answers: Answer[] = [];
  readonly sent: unknown[][] = [];

  evalsha(...args: unknown[]): Promise<unknown> {
    return this.answer('evalsha', args);
  }
  eval(...args: unknown[]): Promise<unknown> {
    return this.answer('eval', args);
  }
  ping(): Promise<unknown> {
    return this.answer('ping', []);
  }
  disconnect(): void {}
  become(status: 'ready' | 'close'): void {
    this.status = status;
    this.emit(status);
  }
  private answer(command: string, args: unknown[]): Promise<unknown> {
    this.sent.push([command, ...args]);
    return (this.answers.length > 1 ? this.answers.shift()! : this.answers[0]!)();
  }
}

const says = (value: unknown) => (): Promise<unknown> => Promise.resolve(value);
const refuses = (message: string) => (): Promise<unknown> =>
  Promise.reject(Object.assign(new Error(message), { name: 'ReplyError' }));
const fails = (message: string) => (): Promise<unknown> => Promise.reject(new Error(message));
const isSilent = (): Promise<unknown> => new Promise(() => undefined);

describe('RedisCommands', () => {
  let clock: FakeClock;
  let client: FakeClient;
  let connection: RedisConnection;
  let commands: RedisCommands;

  const commandsSent = (): unknown[] => client.sent.map(([command]) => command);
  /** Runs the script, and lets time pass until it has ended. Returns its error and the seconds that it took. */
  const failureOf = async (policy: RetryPolicy): Promise<{ error: unknown; seconds: number }> => {
    const startedAt = clock.now();
    const errors: unknown[] = [];
    const ends: number[] = [];
    const running = commands
      .run(SCRIPT, INPUT, policy, 'mail')
      .catch((error: unknown) => errors.push(error))
      .finally(() => ends.push(clock.now()));
    for (let i = 0; i < 300 && ends.length === 0; i++) await clock.advance(0.1);
    await running;
    return { error: errors[0], seconds: (ends[0]! - startedAt) / 1000 };
  };

  beforeEach(() => {
    clock = new FakeClock();
    client = new FakeClient();
    connection = new RedisConnection(client as unknown as RedisClient, 'The server', clock, false);
    commands = new RedisCommands(connection, DEADLINE * 1000);
  });

  describe.each(['deadline', 'forever', 'once'] as const)('%s', (policy) => {
    it('sends a script by its hash, with its keys and arguments in order', async () => {
      client.answers = [says('yes')];
      const { sha } = commands.compile(SCRIPT);
      expect(await commands.run(SCRIPT, INPUT, policy)).toBe('yes');
      expect(client.sent).toEqual([['evalsha', sha, 1, 'queue:mail', 3, 'more']]);
    });

    it('sends a script as a whole, at once, if the server does not have it', async () => {
      client.answers = [refuses('NOSCRIPT No matching script'), says('yes')];
      const { source } = commands.compile(SCRIPT);
      expect(await commands.run(SCRIPT, INPUT, policy)).toBe('yes');
      expect(client.sent[1]).toEqual(['eval', source, 1, 'queue:mail', 3, 'more']);
    });

    it('translates an error, and names the queue', async () => {
      client.answers = [refuses('WRONGTYPE Operation against a key')];
      const { error, seconds } = await failureOf(policy);
      expect(error).toBeInstanceOf(StorageCorruptError);
      expect(error).toMatchObject({ queue: 'mail' });
      expect(seconds).toBe(0);
      expect(isUncertain(error)).toBe(false);
    });

    it('rejects after the connection was closed: the command was certainly not carried out', async () => {
      connection.close();
      const { error } = await failureOf(policy);
      expect(error).toBeInstanceOf(QueueClosedError);
      expect(isUncertain(error)).toBe(false);
      expect(client.sent).toEqual([]);
    });

    it('rejects when the connection is closed: the command may have been carried out', async () => {
      client.answers = [isSilent];
      const failure = commands.run(SCRIPT, INPUT, policy).catch((error: unknown) => error);
      connection.close();
      expect(await failure).toBeInstanceOf(QueueClosedError);
      expect(isUncertain(await failure)).toBe(true);
    });
  });

  describe('deadline', () => {
    it('sends a command again that the server refuses for a while', async () => {
      client.answers = [refuses('LOADING Redis is loading'), refuses('BUSY Redis is busy'), says('yes')];
      const { error, seconds } = await failureOf('deadline');
      expect(error).toBeUndefined();
      expect(seconds).toBe(0.2);
      expect(commandsSent()).toEqual(['evalsha', 'evalsha', 'evalsha']);
    });

    it('rejects at the deadline with the last refusal: the command was certainly not carried out', async () => {
      client.answers = [refuses('READONLY You can not write')];
      const { error, seconds } = await failureOf('deadline');
      expect(error).toBeInstanceOf(QueueConnectionError);
      expect((error as Error).message).toContain('The server does not serve at the moment');
      expect(seconds).toBe(DEADLINE);
      expect(isUncertain(error)).toBe(false);
    });

    it('sends nothing in the last tenth of a second: the answer would come too late', async () => {
      const { answers } = connection;
      const deadline = DEADLINE * 1000 + 50;
      commands = new RedisCommands(connection, deadline);
      const times: number[] = [];
      client.answers = [
        () => {
          times.push(answers.time.now());
          return refuses('READONLY You can not write')();
        },
      ];
      const startedAt = answers.time.now();
      await failureOf('deadline');
      expect(times.at(-1)! - startedAt).toBeLessThanOrEqual(deadline - 100);
      expect(times).toHaveLength(DEADLINE * 10);
    });

    it('rejects at the deadline if no answer comes: the command may have been carried out', async () => {
      client.answers = [isSilent];
      const { error, seconds } = await failureOf('deadline');
      expect((error as Error).message).toBe('The server cannot be reached (no answer in time)');
      expect(seconds).toBe(DEADLINE);
      expect(isUncertain(error)).toBe(true);
    });

    it('rejects earlier if the call has a deadline of its own', async () => {
      client.answers = [isSilent];
      const failure = commands.call((redis) => redis.ping(), 'deadline', { deadline: 500 }).catch(() => clock.now());
      const startedAt = clock.now();
      await clock.advance(2);
      expect((await failure) as number).toBe(startedAt + 500);
    });

    it('marks a refusal as uncertain if the connection was lost before it: an earlier copy may have been carried out', async () => {
      client.answers = [
        () => {
          client.become('close');
          client.become('ready');
          return refuses('OOM command not allowed')();
        },
      ];
      client.become('ready');
      const { error } = await failureOf('deadline');
      expect(error).toBeInstanceOf(StorageFullError);
      expect(isUncertain(error)).toBe(true);
    });

    it('stays uncertain after a connection error, whatever the server says then', async () => {
      client.answers = [fails('read ECONNRESET'), refuses('OOM command not allowed')];
      const { error } = await failureOf('deadline');
      expect(error).toBeInstanceOf(StorageFullError);
      expect(isUncertain(error)).toBe(true);
    });

    it('waits for the connection until the deadline, and sends nothing without it', async () => {
      client.status = 'reconnecting';
      const { error, seconds } = await failureOf('deadline');
      expect((error as Error).message).toBe(`The server cannot be reached within ${DEADLINE} s`);
      expect(seconds).toBe(DEADLINE);
      expect(isUncertain(error)).toBe(false);
      expect(client.sent).toEqual([]);
    });

    it('sends a command when the connection is ready', async () => {
      client.status = 'reconnecting';
      client.answers = [says('yes')];
      const answer = commands.run(SCRIPT, INPUT, 'deadline');
      await clock.advance(1);
      client.become('ready');
      expect(await answer).toBe('yes');
    });
  });

  describe('forever', () => {
    it('sends a command again until it is answered', async () => {
      const refusal = refuses('CLUSTERDOWN The cluster is down');
      client.answers = [...Array.from({ length: 100 }, () => refusal), fails('read ECONNRESET'), says('yes')];
      const { error, seconds } = await failureOf('forever');
      expect(error).toBeUndefined();
      expect(seconds).toBeGreaterThan(2 * DEADLINE);
    });

    it('waits for the connection as long as it takes', async () => {
      client.status = 'reconnecting';
      client.answers = [says('yes')];
      const answer = commands.run(SCRIPT, INPUT, 'forever');
      await clock.advance(3_600);
      expect(client.sent).toEqual([]);
      client.become('ready');
      expect(await answer).toBe('yes');
    });
  });

  describe('once', () => {
    it('does not send a command again that the server refuses for a while', async () => {
      client.answers = [refuses('LOADING Redis is loading')];
      const { error, seconds } = await failureOf('once');
      expect(error).toBeInstanceOf(QueueConnectionError);
      expect(seconds).toBe(0);
      expect(client.sent).toHaveLength(1);
    });

    it('leaves it to the client to wait for the connection', async () => {
      client.status = 'reconnecting';
      client.answers = [says('yes')];
      expect(await commands.run(SCRIPT, INPUT, 'once')).toBe('yes');
    });
  });
});
