import { setImmediate } from 'node:timers';
import { isTimeFake, realTime } from './clock.js';

/** The time for which jobs may run without a turn of the event loop, in milliseconds. */
const LONGEST_TURN = 10;
/** The same under fake timers: a test expects the jobs to have run when it has let time pass. */
const LONGEST_FAKE_TURN = 1_000;

function longestTurn(): number {
  return isTimeFake() ? LONGEST_FAKE_TURN : LONGEST_TURN;
}

/**
 * Gives the event loop its turn between jobs that do not wait for anything: requests of other clients, timers and signals are
 * handled then. It measures real time, also in a test with a clock of its own.
 */
export class EventLoop {
  /** When jobs were first run in this turn; 0 if none were. */
  private since = 0;
  private readonly waiters: (() => void)[] = [];

  /**
   * Tells whether the event loop has to get its turn before the next job runs. Time counts from the first job of this turn.
   *
   * @param isJobNext whether a job runs next, if not
   */
  isDue(isJobNext: boolean): boolean {
    if (this.since > 0) return realTime() - this.since >= longestTurn();
    if (isJobNext) {
      this.since = realTime();
      setImmediate(() => {
        // This may follow the jobs without a look at the sockets and the signals in between. A second immediate does not.
        if (realTime() - this.since >= longestTurn()) setImmediate(this.endTurn);
        else this.since = 0;
      });
    }
    return false;
  }

  /** Calls back when the event loop has had its turn. Call it only if that {@link isDue}. */
  afterTurn(callback: () => void): void {
    this.waiters.push(callback);
  }

  /** Resolves when the event loop has had its turn, if that is due. */
  async turn(): Promise<void> {
    if (!this.isDue(true)) return;
    await new Promise<void>((resolve) => this.afterTurn(resolve));
    // The time of the next turn counts from here.
    this.isDue(true);
  }

  private readonly endTurn = (): void => {
    const resume = this.waiters.shift();
    // Each of several waiters has a turn of its own: jobs of all of them in one turn would take too long.
    this.since = this.waiters.length > 0 ? realTime() : 0;
    if (this.since > 0) setImmediate(this.endTurn);
    resume?.();
  };
}

/** The event loop of this thread. */
export const eventLoop = new EventLoop();
