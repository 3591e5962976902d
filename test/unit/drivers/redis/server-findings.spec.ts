import { describe, expect, it } from '@jest/globals';
import {
  evictionOf,
  memoryOf,
  persistenceOf,
  readInfo,
  rightsOf,
  versionOf,
} from '../../../../lib/drivers/redis/server-findings.js';

const MB = 2 ** 20;
const info = (fields: Readonly<Record<string, string | number>>) =>
  readInfo(
    `# Section\r\n${Object.entries(fields)
      .map(([key, value]) => `${key}:${value}\r\n`)
      .join('')}`,
  );

describe('the findings about a server', () => {
  it.each([
    [{ redis_version: '7.0.15', redis_mode: 'standalone' }, 'ok', 'Redis 7.0.15, standalone'],
    [{ redis_version: '7.2.4', valkey_version: '8.0.1', server_mode: 'cluster' }, 'ok', 'Valkey 8.0.1, cluster'],
    [{}, 'unknown', 'does not tell'],
  ])('tell the version: %j', (fields, level, message) => {
    expect(versionOf(info(fields))).toMatchObject({ level, message: expect.stringContaining(message) });
  });

  it.each([
    ['noeviction', 'ok', 'refuses pushes'],
    ['allkeys-lru', 'warning', 'drops jobs without a word'],
    ['volatile-ttl', 'warning', 'drops statuses without a word'],
    ['', 'unknown', 'does not tell'],
  ])('tell the eviction policy "%s"', (policy, level, message) => {
    expect(evictionOf(info({ maxmemory_policy: policy }))).toMatchObject({
      level,
      message: expect.stringContaining(message),
    });
  });

  it.each([
    [{ aof_enabled: 1 }, '', 'ok', 'appendonly yes'],
    [{ aof_enabled: 1, aof_last_write_status: 'err' }, '', 'warning', 'cannot write its append-only file'],
    [{ aof_enabled: 0 }, '3600 1', 'note', 'snapshots alone'],
    [{ aof_enabled: 0 }, '', 'warning', 'a restart loses all jobs'],
    [{ aof_enabled: 0 }, undefined, 'unknown', 'does not tell whether it makes snapshots'],
    [{ aof_enabled: 0, rdb_last_bgsave_status: 'err' }, '3600 1', 'warning', 'could not write its last snapshot'],
    [{}, '', 'unknown', 'does not tell'],
  ])('tell how data is stored: %j, save %j', (fields, save, level, message) => {
    expect(persistenceOf(info(fields), save)).toMatchObject({ level, message: expect.stringContaining(message) });
  });

  it.each([
    [{ used_memory: 89 * MB, maxmemory: 100 * MB }, 'ok', '89 MB of its maxmemory of 100 MB (89 %) are in use'],
    [{ used_memory: 90 * MB, maxmemory: 100 * MB }, 'warning', 'when it is full it refuses pushes'],
    [{ used_memory: 1.5 * MB, maxmemory: 0, total_system_memory: 100 * MB }, 'note', '1.5 MB of the 100 MB'],
    [{ used_memory: 80 * MB, maxmemory: 0, total_system_memory: 100 * MB }, 'warning', 'the system may kill it'],
    [{ used_memory: 80 * MB, maxmemory: 0 }, 'note', 'without a maxmemory'],
    [{}, 'unknown', 'does not tell'],
  ])('tell the memory: %j', (fields, level, message) => {
    expect(memoryOf(info(fields))).toMatchObject({ level, message: expect.stringContaining(message) });
  });

  it('tell the rights of the user', () => {
    expect(rightsOf('app', [])).toMatchObject({ level: 'ok' });
    expect(rightsOf('app', ['zadd', 'xadd'])).toMatchObject({
      level: 'warning',
      message: 'refuses to its user app what the library needs: zadd, xadd',
    });
    expect(
      rightsOf(
        'app',
        Array.from({ length: 10 }, (_, i) => `c${i}`),
      ).message,
    ).toMatch(/c7, and 2 more$/);
    expect(rightsOf('app', undefined)).toMatchObject({ level: 'unknown' });
    expect(rightsOf(undefined, undefined)).toMatchObject({ level: 'unknown' });
  });
});
