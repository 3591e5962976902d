import type { Settlement } from '../queue-driver.interface.js';

/** The most settlements that are kept. */
const MOST = 1_000;

/**
 * What a holder told with its last steps, for a server that forgets that it was told: a replica that took over before it had
 * got all, or one that was killed and had not written all. The jobs would stay with the holder, who has done with them, for
 * as long as it lives.
 */
export class StepMemory {
  private steps: { readonly number: number; readonly settlements: readonly Settlement[] }[] = [];
  private count = 0;
  /** Steps up to this one are not known any more. */
  private unknown = 0;

  /** Keeps what was told with a step that was answered. */
  keep(number: number, settlements: readonly Settlement[]): void {
    if (settlements.length === 0) return;
    this.steps.push({ number, settlements });
    this.count += settlements.length;
    while (this.count > MOST) {
      const oldest = this.steps.shift()!;
      this.count -= oldest.settlements.length;
      this.unknown = oldest.number;
    }
  }

  /** All that was told after a step; `undefined` where that is not known any more. */
  after(number: number): Settlement[] | undefined {
    if (number < this.unknown) return undefined;
    return this.steps.filter((step) => step.number > number).flatMap(({ settlements }) => settlements);
  }

  /** Forgets what was told after a step. */
  drop(after: number): void {
    this.steps = this.steps.filter((step) => step.number <= after);
    this.count = this.steps.reduce((sum, { settlements }) => sum + settlements.length, 0);
  }
}
