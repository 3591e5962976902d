import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RedisBinary } from '../../support/redis-packages.js';

/** The result of the tests on one server. */
export interface ServerResult {
  readonly version: string;
  readonly passed: number;
  /** The titles of the failed tests, and the paths of the files that could not run. */
  readonly failed: readonly string[];
}

/** The part of jest's JSON report that is read. */
export interface JestReport {
  readonly numPassedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** Runs test files with a server, and shows the output of jest. */
export async function runTests(version: string, server: RedisBinary, files: readonly string[]): Promise<ServerResult> {
  const folder = await mkdtemp(join(tmpdir(), 'test-servers-'));
  try {
    const report = join(folder, 'report.json');
    const jest = [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      'node_modules/jest/bin/jest.js',
    ];
    // With REDIS_URL the tests would use that server.
    const env = { ...process.env, ...server.env, REDIS_SERVER: server.path, REDIS_URL: '' };
    const child = spawn(process.execPath, [...jest, '--json', `--outputFile=${report}`, ...files], {
      env,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await once(child, 'exit');
    return summarize(version, JSON.parse(await readFile(report, 'utf8')) as JestReport);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function summarize(version: string, { numPassedTests, testResults }: JestReport): ServerResult {
  const failed = testResults.flatMap(({ name, status, assertionResults }) => {
    const titles = assertionResults.filter((each) => each.status === 'failed').map(({ fullName }) => fullName);
    return status === 'failed' && titles.length === 0 ? [name] : titles;
  });
  return { version, passed: numPassedTests, failed };
}
