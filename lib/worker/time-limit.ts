import type { JobControl } from '../job/job-context.js';
import type { AttemptLimit } from '../middleware/job-stage.js';
import { JobTimeoutError } from '../queue.errors.js';
import type { Clock, Timer } from '../support/clock.js';
import { onDeadline } from '../support/deadline.js';

/**
 * The time of an attempt, which its steps share. A job cannot be stopped, only asked to stop: when the time is over, the signal is aborted and
 * the step that runs ends; the rest of its work is ignored. Time in which another job blocks the event loop does not count: no job can go on
 * then.
 */
export class TimeLimit implements AttemptLimit {
  private readonly timer: Timer;
  private reject: ((error: Error) => void) | undefined;

  constructor(clock: Clock, id: string, seconds: number, control: JobControl) {
    this.timer = onDeadline(clock, seconds * 1000, () => {
      const error = new JobTimeoutError(id, seconds);
      control.abort(error);
      this.reject?.(error);
    });
  }

  until<T>(step: Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.reject = reject;
      step.then(resolve, reject);
    });
  }

  cancel(): void {
    this.timer.cancel();
  }
}
