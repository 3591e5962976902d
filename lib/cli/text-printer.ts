import type { JobReport, StopReason } from '../index.js';
import { localTime, oneLine, shortDuration } from './format.js';
import type { Printer, StartFacts, StopFacts } from './printer.interface.js';
import { startLine } from './start-line.js';

type Outcome = JobReport['outcome'];
type Color = 'green' | 'yellow' | 'red' | 'gray';

const CODES: Record<Color, number> = { green: 32, yellow: 33, red: 31, gray: 90 };

const COLORS: Record<Outcome, Color> = {
  completed: 'green',
  retrying: 'yellow',
  failed: 'red',
  cancelled: 'yellow',
  expired: 'yellow',
  released: 'yellow',
  requeued: 'yellow',
  unknown: 'red',
  abandoned: 'red',
};

const REASONS: Record<StopReason, string> = {
  stopped: 'the worker was stopped',
  empty: 'the queues are empty',
  'max-jobs': '--max-jobs is reached',
  'max-time': '--max-time is over',
  'max-memory': 'the memory is above --memory',
};

/** The widths of the columns, in characters. They fit most values. */
const NAME_WIDTH = 20;
const WIDEST_NAME = 40;
const ID_WIDTH = 20;
const ATTEMPT_WIDTH = 3;
const OUTCOME_WIDTH = 9;
const DURATION_WIDTH = 9;
const LONGEST_ERROR = 160;

/** Prints lines for people: one for each attempt, in columns. */
export class TextPrinter implements Printer {
  private nameWidth = NAME_WIDTH;

  /**
   * @param write writes to stdout
   * @param colored true to colour the outcomes
   */
  constructor(
    private readonly write: (text: string) => void,
    private readonly colored: boolean,
  ) {}

  started(facts: StartFacts): void {
    this.line(facts.time, startLine(facts));
  }

  job({ time, name, id, attempt, outcome, duration, error, delay }: JobReport): void {
    const shownName = oneLine(name || '(unreadable)', WIDEST_NAME);
    this.nameWidth = Math.max(this.nameWidth, shownName.length);
    const columns = [
      shownName.padEnd(this.nameWidth),
      oneLine(id, id.length).padEnd(ID_WIDTH),
      `#${attempt}`.padEnd(ATTEMPT_WIDTH),
      this.color(COLORS[outcome], outcome.padEnd(OUTCOME_WIDTH)),
      shortDuration(duration).padStart(DURATION_WIDTH),
    ];
    const pause = delay ? `again in ${shortDuration(delay * 1000)}` : '';
    const remarks = [pause, error === undefined ? '' : oneLine(error, LONGEST_ERROR)].filter(Boolean).join(': ');
    if (remarks) columns.push(this.color('gray', remarks));
    this.line(time, columns.join('  '));
  }

  stopping(signal: NodeJS.Signals, time: Date): void {
    this.line(
      time,
      `${signal}: taking no more jobs, waiting for the running jobs (a second signal requeues them at once)`,
    );
  }

  paused(isPaused: boolean, time: Date): void {
    this.line(
      time,
      isPaused
        ? 'SIGUSR2: starting no more jobs in this process until SIGCONT; running jobs go on'
        : 'SIGCONT: starting jobs again',
    );
  }

  stopped({ time, reason, signal, uncaughtErrors, totals, duration }: StopFacts): void {
    const cause = uncaughtErrors ? 'on an error that was not caught' : signal && `on ${signal}`;
    const why = (reason === 'stopped' && cause) || REASONS[reason];
    const counts = Object.entries(totals.outcomes).map(([outcome, count]) => `${count} ${outcome}`);
    const attempts = `${totals.attempts} ${totals.attempts === 1 ? 'attempt' : 'attempts'}`;
    const summary = [`${attempts} in ${shortDuration(duration)}`, counts.join(', ')].filter(Boolean).join(': ');
    this.line(time, `Stopped (${why}): ${summary}`);
  }

  private line(time: Date, text: string): void {
    this.write(`${this.color('gray', localTime(time))}  ${text}\n`);
  }

  private color(color: Color, text: string): string {
    return this.colored ? `\u001B[${CODES[color]}m${text}\u001B[39m` : text;
  }
}
