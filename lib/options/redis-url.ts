import type { RedisOptions } from 'ioredis';
import { InvalidOptionError } from '../queue.errors.js';

/** What a Redis URL says. */
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
 * @throws InvalidOptionError; its message does not repeat the password
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
      // The brackets of an IPv6 address belong to the URL, not to the address.
      host: decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, '$1'),
      username: decodeURIComponent(url.username) || undefined,
      password: decodeURIComponent(url.password) || undefined,
    };
  } catch {
    return undefined;
  }
}

/** `undefined` where the URL names none, `null` where what it names is none. */
function readDatabase(pathname: string): number | undefined | null {
  if (pathname === '' || pathname === '/') return undefined;
  return /^\/\d{1,6}$/.test(pathname) ? Number(pathname.slice(1)) : null;
}

function redact(given: unknown): unknown {
  return typeof given === 'string' ? given.replace(/^([a-z+]+:\/\/)?.*@/is, '$1***@') : given;
}
