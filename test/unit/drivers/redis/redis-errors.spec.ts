import { describe, expect, it } from '@jest/globals';
import { ReplyError } from 'ioredis';
import { inspect } from 'node:util';
import { isMissingScript, translateError } from '../../../../lib/drivers/redis/redis-errors.js';
import {
  AuthenticationError,
  QueueConnectionError,
  StorageCorruptError,
  StorageError,
  StorageFullError,
} from '../../../../lib/queue.errors.js';

const WHERE = { server: 'Redis at host:1', queue: 'mail' };
/** What Redis 7 adds to an error that a command gave inside a script. */
const IN_SCRIPT = ' script: 6d2b1c4f0a9e8d7c6b5a4f3e2d1c0b9a8f7e6d5c, on @user_script:23.';
const reply = (message: string): Error => new (ReplyError as new (message: string) => Error)(message);

/** Texts of Redis 7.0, with and without what a script adds. */
describe('an error of the server', () => {
  const wherever = (text: string): [string, string][] => [
    [text, text],
    [`${text} (in a script)`, text + IN_SCRIPT],
  ];

  it.each(
    [
      'LOADING Redis is loading the dataset in memory',
      'BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.',
      "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
      'CLUSTERDOWN The cluster is down',
      'CLUSTERDOWN Hash slot not served',
      'TRYAGAIN Multiple keys request during rehashing of slot',
      'NOREPLICAS Not enough good replicas to write.',
      "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
      'MISCONF Errors writing to the AOF file: No space left on device',
      "READONLY You can't write against a read only replica.",
      'READONLY Can not run script with write flag on readonly replica.',
      'UNBLOCKED client unblocked via CLIENT UNBLOCK',
      'ERR max number of clients reached',
    ].flatMap(wherever),
  )('%s: not now, and nothing was done', (_, text) => {
    const failure = translateError(reply(text), WHERE);
    expect(failure).toMatchObject({ transient: true, refused: true });
    expect(failure.error).toBeInstanceOf(QueueConnectionError);
    expect(failure.error.message).toBe(`Redis at host:1 does not serve at the moment (${text})`);
  });

  it.each([
    'NOAUTH Authentication required.',
    'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used',
    'WRONGPASS invalid username-password pair or user is disabled.',
    'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
  ])('is translated to a temporary error of the credentials: %s', (text) => {
    const failure = translateError(reply(text), WHERE);
    expect(failure).toMatchObject({ transient: true, refused: true, error: { code: 'ERR_AUTHENTICATION' } });
    expect(failure.error.message).toBe(`Redis at host:1 refuses these credentials (${text})`);
  });

  it.each([
    "NOPERM this user has no permissions to run the 'evalsha' command",
    'NOPERM this user has no permissions to access one of the keys used as arguments',
    `ERR The user executing the script can't run this command or subcommand${IN_SCRIPT}`,
    `ERR The user executing the script can't access at least one of the keys mentioned in the command arguments${IN_SCRIPT}`,
  ])('is translated to a permanent error of a missing permission: %s', (text) => {
    const failure = translateError(reply(text), WHERE);
    expect(failure.error).toBeInstanceOf(AuthenticationError);
    expect(failure).toMatchObject({ transient: false, refused: true });
  });

  it.each(wherever("OOM command not allowed when used memory > 'maxmemory'."))(
    'is translated to StorageFullError: %s',
    (_, text) => {
      const failure = translateError(reply(text), WHERE);
      expect(failure.error).toBeInstanceOf(StorageFullError);
      expect(failure).toMatchObject({ transient: false, refused: true });
    },
  );

  it.each(wherever('WRONGTYPE Operation against a key holding the wrong kind of value'))(
    'is translated to StorageCorruptError: %s',
    (_, text) => {
      const failure = translateError(reply(text), WHERE);
      expect(failure.error).toBeInstanceOf(StorageCorruptError);
      expect(failure).toMatchObject({ transient: false, refused: true, error: { queue: 'mail' } });
    },
  );

  it.each([
    "ERR unknown command 'evalsha', with args beginning with: 'x'",
    'MOVED 3999 127.0.0.1:6381',
    `ERR user_script:23: attempt to compare nil with number${IN_SCRIPT}`,
  ])('is translated with its own text if it is unknown: %s', (text) => {
    const failure = translateError(reply(text), WHERE);
    expect(failure.error).toBeInstanceOf(StorageError);
    expect(failure.error.message).toContain(text);
    expect(failure).toMatchObject({ transient: false, refused: true });
  });

  it('is recognized as NOSCRIPT only if the server does not have the script', () => {
    expect(isMissingScript(reply('NOSCRIPT No matching script. Please use EVAL.'))).toBe(true);
    expect(isMissingScript(reply('ERR NOSCRIPT'))).toBe(false);
    expect(isMissingScript(new Error('NOSCRIPT No matching script'))).toBe(false);
    expect(isMissingScript(undefined)).toBe(false);
  });

  it('is translated without the arguments of its command', () => {
    const raw = Object.assign(reply('ERR whatever'), { command: { name: 'evalsha', args: ['secret payload'] } });
    for (const error of [
      translateError(raw, WHERE).error,
      translateError(Object.assign(new Error('lost'), raw), WHERE).error,
    ]) {
      expect(inspect(error, { depth: 10, showHidden: true })).not.toContain('secret payload');
    }
  });
});

describe('an error of the connection', () => {
  it.each([
    ['closed', new Error('Connection is closed.')],
    [
      'refused',
      Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED', syscall: 'connect' }),
    ],
    ['given up', new Error('Too many Cluster redirections. Last error: ReplyError: CLUSTERDOWN The cluster is down')],
    ['timed out', new Error('Command timed out')],
  ])('is translated to an unknown outcome: %s', (_, raw) => {
    const failure = translateError(raw, WHERE);
    expect(failure.error).toBeInstanceOf(QueueConnectionError);
    expect(failure.error.message).toBe(`Redis at host:1 cannot be reached (${raw.message})`);
    expect(failure).toMatchObject({ transient: true, refused: false });
  });

  it('is translated from the error of the last node if a cluster fails', () => {
    const lastNodeError = reply('WRONGPASS invalid username-password pair or user is disabled.');
    const failure = translateError(
      Object.assign(new Error('Failed to refresh slots cache.'), { lastNodeError }),
      WHERE,
    );
    expect(failure.error).toBeInstanceOf(AuthenticationError);
  });

  it.each([undefined, null, 'text', 7])('is translated even if it is no Error: %s', (raw) => {
    expect(translateError(raw, WHERE).error.message).toBe(`Redis at host:1 cannot be reached (${String(raw)})`);
  });
});
