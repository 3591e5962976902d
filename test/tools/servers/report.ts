import { markdownTable } from '../../support/markdown-table.js';
import type { ServerResult } from './run-tests.js';

/** Formats one row for each server, then the failed tests. */
export function formatResults(results: readonly ServerResult[]): string {
  const table = markdownTable(
    [{ head: 'server' }, { head: 'passed', right: true }, { head: 'failed', right: true }],
    results.map(({ version, passed, failed }) => [version, String(passed), String(failed.length)]),
  );
  const failures = results.flatMap(({ version, failed }) => failed.map((title) => `FAILED on ${version}: ${title}`));
  return [table, ...failures].join('\n');
}
