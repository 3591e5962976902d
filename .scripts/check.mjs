import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs every check, even after one has failed, and lists the failed checks at the end. The last line counts the tests of
 * all runs; a failed check without tests counts as one failure.
 */
const STATIC_CHECKS = ['format:check', 'lint', 'typecheck', 'typecheck:nest11', 'layers', 'package:check', 'way:check'];
const TEST_RUNS = ['test:faults', 'test'];
const TIME_LIMIT_MS = 18 * 60_000;

const folder = mkdtempSync(join(tmpdir(), 'check-'));
const totalsFile = join(folder, 'totals');

const failures = STATIC_CHECKS.filter((script) => !run(script));
const tests = { passed: 0, failed: 0 };
for (const script of TEST_RUNS) {
  rmSync(totalsFile, { force: true });
  const isOk = run(script);
  const { passed, failed } = testTotals();
  tests.passed += passed;
  // A run that crashed, reached the time limit or failed to compile has counted no failed test.
  tests.failed += isOk ? failed : failed || 1;
  if (!isOk) failures.push(script);
}
rmSync(folder, { recursive: true, force: true });

const failed = tests.failed + failures.filter((script) => !TEST_RUNS.includes(script)).length;
console.log(failures.length > 0 ? `\nFailed: npm run ${failures.join(', npm run ')}` : '\nAll checks passed.');
console.log(`${tests.passed} passed, ${failed} failed`);
process.exitCode = failures.length > 0 ? 1 : 0;

function run(script) {
  console.log(`\n== ${script}`);
  const started = Date.now();
  const { status, error } = spawnSync('npm', ['run', '--silent', script], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, TEST_TOTALS_FILE: totalsFile },
    timeout: TIME_LIMIT_MS,
    killSignal: 'SIGTERM',
  });
  const outcome = error ? `stopped: ${error.message}` : status === 0 ? 'ok' : `failed with exit code ${status}`;
  console.log(`-- ${script}: ${outcome} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  return status === 0;
}

function testTotals() {
  const runs = readLines(totalsFile).map((line) => JSON.parse(line));
  const sum = (key) => runs.reduce((total, counts) => total + counts[key], 0);
  return { passed: sum('passed'), failed: sum('failed') };
}

function readLines(file) {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean);
  } catch {
    return [];
  }
}
