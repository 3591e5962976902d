import type { JobReport } from '../index.js';

/** The number of attempts, in all and for each outcome. */
export interface Totals {
  readonly attempts: number;
  readonly outcomes: Readonly<Partial<Record<JobReport['outcome'], number>>>;
}

/** Counts attempts. */
export class TotalsCounter implements Totals {
  attempts = 0;
  readonly outcomes: Partial<Record<JobReport['outcome'], number>> = {};

  add({ outcome }: JobReport): void {
    this.attempts++;
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1;
  }
}
