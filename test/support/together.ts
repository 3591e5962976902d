import { beforeAll, it } from '@jest/globals';

/**
 * Declares tests that wait most of the time. All of them start before the first test, at the same time, and each test tells
 * the result of its own.
 *
 * @param limit how long a test may take, in milliseconds
 */
export function together(tests: Readonly<Record<string, () => Promise<void>>>, limit: number): void {
  const results = new Map<string, Promise<void>>();
  beforeAll(() => {
    for (const [title, run] of Object.entries(tests)) {
      const result = run();
      result.catch(() => undefined);
      results.set(title, result);
    }
  });
  it.each(Object.keys(tests))('%s', (title) => results.get(title)!, limit);
}
