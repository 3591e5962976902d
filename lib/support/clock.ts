import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers';

/** A timer. It may be cancelled twice. */
export interface Timer {
  cancel(): void;
}

/** Gives the library its time and its timers. Tests replace it by a fake. */
export interface Clock {
  /** Returns the milliseconds since the Unix epoch: the time to show. It may be set forward and back at any moment. */
  now(): number;
  /** Calls `callback` once after `milliseconds`; for 0 and less in the next turn of the event loop. */
  after(milliseconds: number, callback: () => void): Timer;
  /** Returns the milliseconds of a clock that cannot be set: the time to measure with. Without it, {@link now} is taken. */
  monotonic?(): number;
}

/** A clock as the library uses it: every span of time is measured with {@link monotonic}. */
export interface MonotonicClock extends Clock {
  monotonic(): number;
}

/** The longest delay of `setTimeout`, in milliseconds: it runs a timer with a longer delay at once. */
const LONGEST_TIMEOUT = 2 ** 31 - 1;

const { timeOrigin } = performance;
/** Reads the monotonic clock. Fake timers replace the method, so it is taken while they are away. */
let readTimer = performance.now.bind(performance);
let knownDate: DateConstructor | undefined;
let isDateFake = false;

/** The clock of the machine. */
export const systemClock: MonotonicClock = {
  now: () => Date.now(),
  monotonic() {
    if (Date !== knownDate) inspectDate();
    return isDateFake ? Date.now() : Math.floor(timeOrigin + readTimer());
  },
  after(milliseconds, callback) {
    const part = Math.min(Math.max(milliseconds, 0), LONGEST_TIMEOUT);
    let rest: Timer | undefined;
    const handle = setTimeout(() => {
      if (milliseconds > part) rest = systemClock.after(milliseconds - part, callback);
      else callback();
    }, part);
    return {
      cancel() {
        clearTimeout(handle);
        rest?.cancel();
      },
    };
  },
};

/** Gives a clock of an application what the library needs of a clock. */
export function toMonotonic(clock: Clock): MonotonicClock {
  if (clock.monotonic) return clock as MonotonicClock;
  return {
    now: () => clock.now(),
    monotonic: () => clock.now(),
    after: (milliseconds, callback) => clock.after(milliseconds, callback),
  };
}

/** Fake timers of a test replace the whole of `Date`. Then their time counts for everything. */
function inspectDate(): void {
  knownDate = Date;
  // A fake may be a function of its own, or a proxy that shares its prototype with the real one.
  const isOwnFunction = !Function.prototype.toString.call(Date).includes('[native code]');
  isDateFake = isOwnFunction || Date.prototype.constructor !== Date;
  longestTurn = isDateFake ? LONGEST_FAKE_TURN : LONGEST_TURN;
  if (!isDateFake) readTimer = performance.now.bind(performance);
}

/**
 * The shortest and the longest time between two looks of a {@link PatientClock}, in milliseconds. Before an alarm that is set
 * for a short time, the shortest is a quarter of that time.
 */
const SHORTEST_LOOK = 50;
const LONGEST_LOOK = 1_000;

/**
 * A clock for deadlines and silences, with one alarm. Nothing is concluded from a silence of a process that did not listen:
 *
 * 1. while the event loop is blocked, the clock stands still. Until an alarm it looks at the time again and again; a look
 *    that comes late counts as one that came in time;
 * 2. before it calls back, the sockets are read.
 */
export class PatientClock {
  private counted = 0;
  private countedAt: number;
  /** The time until the next look; `Infinity` while no alarm is set. */
  private part = Infinity;
  /** `Infinity` while no alarm is set. Only this clock writes it. */
  alarmAt = Infinity;
  private shortest = SHORTEST_LOOK;
  private timer: Timer | undefined;
  private isClosed = false;

  constructor(
    private readonly clock: MonotonicClock,
    private readonly onAlarm: () => void,
  ) {
    this.countedAt = clock.monotonic();
  }

  /** Returns the milliseconds since it was made. */
  now(): number {
    return this.counted + Math.min(this.clock.monotonic() - this.countedAt, this.part);
  }

  /** Sets the alarm to a time, unless it is set to an earlier one. `Infinity` sets none. */
  wakeAt(time: number): void {
    if (time >= this.alarmAt) return;
    this.alarmAt = time;
    this.shortest = Math.min(SHORTEST_LOOK, (time - this.now()) / 4);
    this.look();
  }

  /** Cancels the alarm. */
  rest(): void {
    this.counted = this.now();
    this.countedAt = this.clock.monotonic();
    this.part = Infinity;
    this.alarmAt = Infinity;
    this.timer?.cancel();
  }

  close(): void {
    this.isClosed = true;
    this.timer?.cancel();
  }

  private readonly look = (): void => {
    this.timer?.cancel();
    this.counted = this.now();
    this.countedAt = this.clock.monotonic();
    const left = this.alarmAt - this.counted;
    // The nearer the alarm, the shorter the part that a block can take from the wait.
    const part = Math.min(Math.max(left / 4, this.shortest), LONGEST_LOOK, left);
    this.part = left > 0 ? Math.ceil(part) : Infinity;
    if (left > 0) this.timer = this.clock.after(this.part, this.look);
    else setImmediate(this.ring);
  };

  private readonly ring = (): void => {
    this.alarmAt = Infinity;
    if (!this.isClosed) this.onAlarm();
  };
}

/** The time for which jobs may run without a turn of the event loop, in milliseconds. */
const LONGEST_TURN = 10;
/** The same under fake timers: a test expects the jobs to have run when it has let time pass. */
const LONGEST_FAKE_TURN = 1_000;
let longestTurn = LONGEST_TURN;

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
    if (this.since > 0) return readTimer() - this.since >= longestTurn;
    if (isJobNext) {
      this.since = readTimer();
      setImmediate(() => {
        // This may follow the jobs without a look at the sockets and the signals in between. A second immediate does not.
        if (readTimer() - this.since >= longestTurn) setImmediate(this.endTurn);
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
    this.since = this.waiters.length > 0 ? readTimer() : 0;
    if (this.since > 0) setImmediate(this.endTurn);
    resume?.();
  };
}

/** The event loop of this thread. */
export const eventLoop = new EventLoop();
