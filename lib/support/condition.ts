/** Lets several callers wait until a test is true. Call {@link notify} after each change that can make one true. */
export class Condition {
  private readonly waiting = new Map<() => boolean, () => void>();

  /** Runs the test of every waiting caller again. */
  notify(): void {
    for (const [test, resolve] of this.waiting) {
      if (!test()) continue;
      this.waiting.delete(test);
      resolve();
    }
  }

  /** Resolves when the test is true; at once if it is true already. */
  async until(test: () => boolean): Promise<void> {
    if (test()) return;
    // A new function for each call: two calls with the same test would share one entry of the map.
    await new Promise<void>((resolve) => void this.waiting.set(() => test(), resolve));
  }
}
