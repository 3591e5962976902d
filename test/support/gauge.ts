import { Condition } from '../../lib/support/condition.js';
import { deferred, type Deferred } from './deferred.js';

/** Runs jobs until the test ends them. Counts the running jobs, and the most that ran at once. */
export class Gauge {
  peak = 0;
  started = 0;
  private readonly open: { readonly label: unknown; readonly end: Deferred<void> }[] = [];
  private readonly changed = new Condition();

  /** Starts a job; a handler returns this promise. */
  run(label?: unknown): Promise<void> {
    const end = deferred();
    this.started++;
    this.open.push({ label, end });
    this.peak = Math.max(this.peak, this.open.length);
    this.changed.notify();
    return end.promise;
  }

  /** The labels of the running jobs. */
  get running(): unknown[] {
    return this.open.map(({ label }) => label);
  }

  /** Resolves when exactly this number of jobs run. */
  async runs(count: number): Promise<void> {
    await this.changed.until(() => this.open.length === count);
  }

  /** Resolves when at least this number of jobs have started in all. */
  async hasStarted(count: number): Promise<void> {
    await this.changed.until(() => this.started >= count);
  }

  /** Ends the jobs that have run longest: one, or `count` of them. */
  end(count = 1): void {
    for (const { end } of this.open.splice(0, count)) end.resolve();
  }

  endAll(): void {
    this.end(this.open.length);
  }
}
