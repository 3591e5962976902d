import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { NEEDED_COMMANDS } from '../../../lib/drivers/redis/needed-commands.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { createAclUser } from '../../support/redis-acl.js';
import { startRedisCluster } from '../../support/redis-cluster.js';
import { RedisDrivers } from '../../support/redis-drivers.js';
import { startRedis } from '../../support/redis-server.js';

const SCRIPTS = 'lib/drivers/redis/scripts';

describe('the examination of a server', () => {
  const drivers = new RedisDrivers();
  const start = async (...config: string[]) => drivers.keep(await startRedis({ config }));
  const levelsOf = async (redis: { host: string; port: number; username?: string; password?: string }) => {
    const logger = new RecordingLogger();
    const driver = await drivers.connect({ redis, logger });
    const findings = await driver.examine();
    const levels = Object.fromEntries(findings.map(({ subject, level }) => [subject, level]));
    return { levels, warnings: logger.of('warn') };
  };

  it('finds nothing at a sound server, and warns of nothing at the start', async () => {
    const { host, port } = await start('--appendonly', 'yes', '--maxmemory', '100mb');
    expect(await levelsOf({ host, port })).toEqual({
      levels: { version: 'ok', eviction: 'ok', persistence: 'ok', memory: 'ok', rights: 'ok' },
      warnings: [],
    });
  });

  it('warns at the start of each fault in one line', async () => {
    const { host, port } = await start('--save', '', '--maxmemory', '1100kb', '--maxmemory-policy', 'allkeys-lru');
    const { levels, warnings } = await levelsOf({ host, port });
    expect(levels).toMatchObject({ eviction: 'warning', persistence: 'warning', memory: 'warning' });
    expect(warnings).toEqual([
      expect.stringMatching(/^Redis at 127\.0\.0\.1:\d+ has the maxmemory-policy "allkeys-lru"/),
      expect.stringMatching(/^Redis at 127\.0\.0\.1:\d+ stores nothing on its disk: a restart loses all jobs/),
      expect.stringMatching(/^Redis at 127\.0\.0\.1:\d+ uses .* of its maxmemory/),
    ]);
  });

  it('names what a user may not do, if the user may ask, and says so if not', async () => {
    const { host, port } = await start('--appendonly', 'yes');
    const narrow = { username: 'narrow', password: 'x' };
    await createAclUser({ port }, narrow, ['~*', '&*', '+@all', '-xadd', '-hscan']);
    const { levels, warnings } = await levelsOf({ host, port, ...narrow });
    expect(levels).toMatchObject({ rights: 'warning' });
    expect(warnings).toEqual([
      expect.stringMatching(/refuses to its user narrow what the library needs: hscan, xadd$/),
    ]);
    const safe = { username: 'safe', password: 'x' };
    await createAclUser({ port }, safe, ['~*', '&*', '+@all', '-@dangerous', '+info']);
    expect((await levelsOf({ host, port, ...safe })).levels).toMatchObject({ rights: 'unknown', persistence: 'ok' });
  });

  it('looks at a node of a cluster, and not at the rights', async () => {
    const cluster = drivers.keep(await startRedisCluster());
    const driver = await drivers.connect({ redis: { cluster: [...cluster.startupNodes] } });
    const findings = await driver.examine();
    expect(findings.map(({ subject }) => subject)).toEqual(['version', 'eviction', 'persistence', 'memory']);
    expect(findings.every(({ level }) => level === 'ok' || level === 'note')).toBe(true);
    expect(findings[0]!.message).toMatch(/, cluster$/);
  });

  it('knows each command that a script calls', () => {
    const called = new Set(
      readdirSync(SCRIPTS, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .flatMap((name) => readFileSync(join(SCRIPTS, name), 'utf8').match(/(?<=\bp?call\(')[A-Z]+(?=')/g) ?? []),
    );
    // Everybody may ask for the time. The right to publish hangs on a channel.
    for (const command of ['TIME', 'PUBLISH']) called.delete(command);
    expect([...called].filter((command) => !(command in NEEDED_COMMANDS))).toEqual([]);
  });
});
