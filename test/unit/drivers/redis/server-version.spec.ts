import { describe, expect, it } from '@jest/globals';
import { assertSupportedServer } from '../../../../lib/drivers/redis/server-version.js';
import { UnsupportedServerError } from '../../../../lib/queue.errors.js';

/** The beginning of what `INFO server` says. */
const info = (...lines: string[]): string => ['# Server', ...lines, 'redis_mode:standalone', 'os:Linux'].join('\r\n');

describe('the version of the server', () => {
  it.each([
    ['Redis 7.0', info('redis_version:7.0.0')],
    ['Redis 7.0.15', info('redis_version:7.0.15', 'redis_git_sha1:00000000')],
    ['Redis 8.2', info('redis_version:8.2.1')],
    ['Redis 10', info('redis_version:10.0.0')],
    ['an unstable Redis', info('redis_version:255.255.255')],
    ['Valkey 7.2', info('redis_version:7.2.4', 'server_name:valkey', 'valkey_version:7.2.5')],
    ['Valkey 8', info('redis_version:7.2.4', 'server_name:valkey', 'valkey_version:8.1.3')],
    ['Valkey 10.0', info('redis_version:7.2.4', 'valkey_version:10.0.1')],
  ])('is accepted for %s', (_, text) => {
    expect(() => assertSupportedServer(text, 'Redis at host:1')).not.toThrow();
  });

  it.each([
    ['Redis 6.2.14', info('redis_version:6.2.14')],
    ['Redis 5.0.7', info('redis_version:5.0.7')],
    ['Redis 2.8.0', info('redis_version:2.8.0')],
    ['Valkey 7.1', info('redis_version:7.2.4', 'valkey_version:7.1.0')],
    ['a server that does not tell its version', info('something:else')],
    ['a server that does not tell its version', ''],
  ])('is rejected with the name %s', (found, text) => {
    const check = (): void => assertSupportedServer(text, 'Redis at host:1');
    expect(check).toThrow(UnsupportedServerError);
    expect(check).toThrow(
      `Redis at host:1 runs ${found}: this library needs Redis 7.0 or newer, or Valkey 7.2 or newer`,
    );
  });
});
