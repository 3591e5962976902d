import { Condition } from '../../lib/support/condition.js';
import { deferred, type Deferred } from './deferred.js';

/** Jobs that run until the test lets them end; it knows how many do, and how many at most did at once. */
export class Gauge {
  peak = 0;
  started = 0;
  private readonly open: { readonly label: unknown; readonly end: Deferred<void> }[] = [];
  private readonly changed = new Condition();

  /** To be returned by a handler. */
  run(label?: unknown): Promise<void> {
    const end = deferred();
    this.started++;
    this.open.push({ label, end });
    this.peak = Math.max(this.peak, this.open.length);
    this.changed.notify();
    return end.promise;
  }

  /** What runs now, by what it called itself. */
  get running(): unknown[] {
    return this.open.map(({ label }) => label);
  }

  /** Resolves when so many run. */
  async runs(count: number): Promise<void> {
    await this.changed.until(() => this.open.length === count);
  }

  /** Resolves when so many have been started in all. */
  async hasStarted(count: number): Promise<void> {
    await this.changed.until(() => this.started >= count);
  }

  /** Ends the jobs that have run longest. */
  end(count = 1): void {
    for (const { end } of this.open.splice(0, count)) end.resolve();
  }

  endAll(): void {
    this.end(this.open.length);
  }
}
