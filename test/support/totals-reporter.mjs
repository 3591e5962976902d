import { appendFileSync } from 'node:fs';

/**
 * Adds the numbers of a run to the file named by TEST_TOTALS_FILE, one line of JSON a run, so that a caller of several
 * runs can add them up. A file that could not be run at all counts as one failed test.
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
