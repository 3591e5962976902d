import { describe, expect, it } from '@jest/globals';
import { findRedis } from '../../support/redis-binary.js';
import { formatResults } from './report.js';
import { summarize } from './run-tests.js';
import { findServers, parseVersion, type Place } from './servers.js';

describe('the servers of a machine', () => {
  it.each([
    ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64', 'Redis 7.0.15'],
    ['Valkey server v=8.0.1 sha=00000000:0 bits=64', 'Valkey 8.0.1'],
    ['Redict server v=7.3.6 bits=64', 'Redict 7.3.6'],
    ['nginx version: 1.2', undefined],
  ])('tell their version: %s', (text, version) => {
    expect(parseVersion(text)).toBe(version);
  });

  it('are listed once each, and a place without one is told', async () => {
    const missing: string[] = [];
    const places: Place[] = [
      { name: 'one', find: findRedis },
      { name: 'the same', find: findRedis },
      { name: 'empty', find: async () => undefined },
      { name: 'broken', find: async () => ({ path: process.execPath, env: {} }) },
      { name: 'away', find: () => Promise.reject(new Error('no network')) },
    ];
    const servers = await findServers(places, (place, reason) => missing.push(`${place}: ${reason}`));
    expect(servers).toHaveLength(1);
    expect(servers[0]!.version).toMatch(/^\w+ \d+\.\d+\.\d+/);
    expect(missing).toEqual([
      'empty: none',
      `broken: ${process.execPath} does not tell its version: ${process.version}`,
      'away: no network',
    ]);
  });

  it('are reported with the tests that failed, and the files that could not run', () => {
    const results = [
      summarize('Redis 7.0.15', { numPassedTests: 3, testResults: [] }),
      summarize('Valkey 8.0.1', {
        numPassedTests: 1,
        testResults: [
          { name: 'a.spec.ts', status: 'failed', assertionResults: [{ fullName: 'a fails', status: 'failed' }] },
          { name: 'b.spec.ts', status: 'failed', assertionResults: [] },
          { name: 'c.spec.ts', status: 'passed', assertionResults: [{ fullName: 'c passes', status: 'passed' }] },
        ],
      }),
    ];
    expect(formatResults(results).split('\n')).toEqual([
      '| server       | passed | failed |',
      '| ------------ | -----: | -----: |',
      '| Redis 7.0.15 |      3 |      0 |',
      '| Valkey 8.0.1 |      1 |      2 |',
      'FAILED on Valkey 8.0.1: a fails',
      'FAILED on Valkey 8.0.1: b.spec.ts',
    ]);
  });
});
