import type { JobReport } from '../index.js';
import type { Printer, StartFacts, StopFacts } from './printer.interface.js';

/**
 * Prints one JSON object a line, for machines. Its `event` is `started`, `job`, `stopping`, `paused`, `resumed` or `stopped`. Times are ISO
 * 8601 in UTC, `duration` is in milliseconds, `delay` (until the next attempt) in seconds.
 */
export class JsonPrinter implements Printer {
  constructor(private readonly write: (text: string) => void) {}

  started(facts: StartFacts): void {
    this.line('started', facts);
  }

  job(report: JobReport): void {
    this.line('job', report);
  }

  stopping(signal: NodeJS.Signals, time: Date): void {
    this.line('stopping', { time, signal });
  }

  paused(isPaused: boolean, time: Date): void {
    this.line(isPaused ? 'paused' : 'resumed', { time });
  }

  stopped({ totals, ...facts }: StopFacts): void {
    this.line('stopped', { ...facts, ...totals });
  }

  private line(event: string, facts: object): void {
    this.write(`${JSON.stringify({ event, ...facts })}\n`);
  }
}
