import { UnsupportedServerError } from '../../queue.errors.js';

/** The first versions with script flags (`#!lua flags=...`). */
const REDIS_MINIMUM = 7;
const VALKEY_MINIMUM = [7, 2] as const;

/**
 * Checks the version of the server.
 *
 * @param info the reply to `INFO server`
 * @param address the name of the server in messages
 * @throws UnsupportedServerError if the server is too old, or does not report its version
 */
export function assertSupportedServer(info: string, address: string): void {
  const valkey = /^valkey_version:(\d+)\.(\d+)\S*/m.exec(info);
  if (valkey) {
    const [major, minor] = [Number(valkey[1]), Number(valkey[2])];
    const supported = major > VALKEY_MINIMUM[0] || (major === VALKEY_MINIMUM[0] && minor >= VALKEY_MINIMUM[1]);
    if (!supported) throw new UnsupportedServerError(address, `Valkey ${valkey[1]}.${valkey[2]}`);
    return;
  }
  const redis = /^redis_version:(\d+)\.(\S+)/m.exec(info);
  if (!redis) throw new UnsupportedServerError(address, 'a server that does not tell its version');
  if (Number(redis[1]) < REDIS_MINIMUM) throw new UnsupportedServerError(address, `Redis ${redis[1]}.${redis[2]}`);
}
