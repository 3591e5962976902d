import type { RedisOptions } from 'ioredis';
import { InvalidOptionError } from '../queue.errors.js';

/** The parts of a Redis URL. */
export interface RedisAddress {
  /** `undefined` if it is the address of a Unix socket. */
  readonly host?: string;
  /** The path of a Unix socket. */
  readonly path?: string;
  readonly port?: number;
  readonly username?: string;
  readonly password?: string;
  readonly database?: number;
  readonly tls?: RedisOptions['tls'];
}

const EXPECTED =
  'a URL such as redis://user:password@host:6379/0, rediss:// for TLS, or redis+unix:///path/redis.sock, with other options beside it rather than in a query string';
const ENCODE = `; percent-encode characters such as # / ? % [ in user and password, for example with encodeURIComponent()`;
const UNIX_URL = /^(?:redis\+)?unix:\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?(\/[^?#]*)(?:\?([^#]*))?$/i;
/** The names in the query string of the URL of a Unix socket, and what they mean. */
const UNIX_QUERY: Readonly<Record<string, 'username' | 'password' | 'database'>> = {
  user: 'username',
  username: 'username',
  pass: 'password',
  password: 'password',
  db: 'database',
  database: 'database',
};

/**
 * Reads `redis[s]://[user[:password]@]host[:port][/database]`, or
 * `redis+unix://[user[:password]@]/path[?db=0&user=...&pass=...]` (also `unix://`).
 *
 * @throws InvalidOptionError if it is no such URL; the message leaves out user and password
 */
export function parseRedisUrl(path: string, given: unknown): RedisAddress {
  const socket = typeof given === 'string' ? UNIX_URL.exec(given) : null;
  if (socket) return readUnixUrl(path, given, socket);
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
    throw invalid(path, given);
  }
  return {
    ...names,
    port: url.port === '' ? undefined : Number(url.port),
    database,
    tls: url.protocol === 'rediss:' ? {} : undefined,
  };
}

function readUnixUrl(path: string, given: unknown, [, user, pass, file, query = '']: RegExpExecArray): RedisAddress {
  const texts: { username?: string; password?: string; database?: string } = {};
  try {
    if (user) texts.username = decodeURIComponent(user);
    if (pass) texts.password = decodeURIComponent(pass);
    for (const pair of query === '' ? [] : query.split('&')) {
      const [name = '', ...value] = pair.split('=');
      const meaning = Object.hasOwn(UNIX_QUERY, name) ? UNIX_QUERY[name] : undefined;
      if (!meaning || texts[meaning] !== undefined) throw invalid(path, given);
      texts[meaning] = decodeURIComponent(value.join('='));
    }
    const database = readDatabase(texts.database === undefined ? '' : `/${texts.database}`);
    if (database === null) throw invalid(path, given);
    const { username, password } = texts;
    return { path: decodeURIComponent(file!), username, password, database };
  } catch {
    throw invalid(path, given);
  }
}

function invalid(path: string, given: unknown): InvalidOptionError {
  // What ends the user's part too early is a character that has another meaning in a URL.
  const hint = typeof given === 'string' && given.includes('@') ? ENCODE : '';
  return new InvalidOptionError(path, EXPECTED + hint, redact(given));
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

/** Hides user and password, and the values of a query string. */
function redact(given: unknown): unknown {
  if (typeof given !== 'string') return given;
  return given.replace(/^([a-z+]+:\/\/)?.*@/is, '$1***@').replace(/((?:pass|password|user|username)=)[^&]*/gi, '$1***');
}
