import { setTimeout as pause } from 'node:timers/promises';
import { Job, type JobContext } from '../../../lib/index.js';
import { RecordedJob } from './recorded-job.js';

/** Ends at once. */
@Job()
export class QuickJob extends RecordedJob<number> {
  protected work(): void {}
}

/** Takes so many milliseconds, and does not heed its signal. */
@Job()
export class SlowJob extends RecordedJob<number> {
  protected async work(milliseconds: number): Promise<void> {
    await pause(milliseconds);
  }
}

/** Never ends in the process of that id, and at once in any other. */
@Job()
export class HangJob extends RecordedJob<number> {
  protected async work(pid: number): Promise<void> {
    if (process.pid === pid) await new Promise<never>(() => undefined);
  }
}

/** Fails in its first so many attempts. */
@Job()
export class FlakyJob extends RecordedJob<number> {
  protected work(failures: number, { attempt }: JobContext): void {
    if (attempt <= failures) throw new Error(`attempt ${attempt} fails`);
  }
}

export const JOBS = [QuickJob, SlowJob, HangJob, FlakyJob];
