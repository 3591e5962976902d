import type { RedisOptions } from 'ioredis';
import { InvalidOptionError } from '../queue.errors.js';

/** The parts of a Redis URL. */
export interface RedisAddress {
  readonly host: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: string;
  readonly database?: number;
  readonly tls?: RedisOptions['tls'];
}

const EXPECTED =
  'a URL such as redis://user:password@host:6379/0, or rediss:// for TLS, with other options beside it rather than in a query string';

/**
 * Reads `redis[s]://[user[:password]@]host[:port][/database]`.
 *
 * @throws InvalidOptionError if it is no such URL; the message leaves out user and password
 */
export function parseRedisUrl(path: string, given: unknown): RedisAddress {
  const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : undefined;
  const database = url && readDatabase(url.pathname);
  const names = url && readNames(url);
  if (
    !url ||
    !names ||
    database === null ||
    !/^rediss?:$/.test(url.protocol) ||
    url.hostname === '' ||
    url.port === '0' ||
    url.search !== '' ||
    url.hash !== ''
  ) {
    throw new InvalidOptionError(path, EXPECTED, redact(given));
  }
  return {
    ...names,
    port: url.port === '' ? undefined : Number(url.port),
    database,
    tls: url.protocol === 'rediss:' ? {} : undefined,
  };
}

function readNames(url: URL): Pick<RedisAddress, 'host' | 'username' | 'password'> | undefined {
  try {
    return {
      // An IPv6 address has brackets in a URL and none in the option `host` of ioredis.
      host: decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1'),
      username: decodeURIComponent(url.username) || undefined,
      password: decodeURIComponent(url.password) || undefined,
    };
  } catch {
    return undefined;
  }
}

/** Reads the index of the database: `undefined` if the URL has none, `null` if it is invalid. */
function readDatabase(pathname: string): number | undefined | null {
  if (pathname === '' || pathname === '/') return undefined;
  return /^\/\d{1,6}$/.test(pathname) ? Number(pathname.slice(1)) : null;
}

function redact(given: unknown): unknown {
  return typeof given === 'string' ? given.replace(/^([a-z+]+:\/\/)?.*@/is, '$1***@') : given;
}
