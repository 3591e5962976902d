import { appendFileSync } from 'node:fs';

/**
 * Appends the numbers of passed and failed tests to the file in TEST_TOTALS_FILE, as one line of JSON for each run, so that
 * `npm run check` can add up several runs. A test file that cannot run counts as one failed test.
 */
export default class TotalsReporter {
  onRunComplete(_contexts, results) {
    const file = process.env.TEST_TOTALS_FILE;
    if (!file) return;
    const passed = results.numPassedTests;
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    appendFileSync(file, `${JSON.stringify({ passed, failed })}\n`);
  }
}
