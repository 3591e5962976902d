/** Lets several wait until something holds; who changes it calls {@link notify}. */
export class Condition {
  private readonly waiting = new Map<() => boolean, () => void>();

  /** Looks again for everybody who waits. */
  notify(): void {
    for (const [test, resolve] of this.waiting) {
      if (!test()) continue;
      this.waiting.delete(test);
      resolve();
    }
  }

  /** Resolves when the test holds, at once where it does already. */
  async until(test: () => boolean): Promise<void> {
    if (test()) return;
    // A function of its own for each wait, so that two waits for the same test are two.
    await new Promise<void>((resolve) => void this.waiting.set(() => test(), resolve));
  }
}
