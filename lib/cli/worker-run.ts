import type { JobReport } from '../index.js';
import { trackAttempts } from '../support/attempt-tracker.js';
import type { Application } from './application.js';
import { EXIT, type ExitCode } from './command-error.js';
import { CrashStop } from './crash-stop.js';
import { ownVersion } from '../support/own-version.js';
import type { PauseSignals } from './pause-signals.js';
import type { Printer } from './printer.interface.js';
import type { WorkerArguments } from './program.js';
import type { ShutdownSignals } from './shutdown-signals.js';
import type { StderrLogger } from './stderr-logger.js';
import { TotalsCounter } from './totals.js';
import type { UncaughtErrors } from './uncaught-errors.js';
import { queuesNotWorked, workedQueues } from './worked-queues.js';

/** The side of the process that reaches the command. */
export interface RunningProcess {
  readonly signals: ShutdownSignals;
  readonly pauses: PauseSignals;
  readonly errors: UncaughtErrors;
  /** Ends the process at once. */
  readonly exit: (code: ExitCode) => void;
}

/**
 * Runs the application's worker until it reaches a limit, gets a signal, or an error is not caught:
 *
 * 1. prints the first line;
 * 2. handles signals: the first stops the worker, the second requeues the running jobs at once, the third ends the
 *    process;
 * 3. pauses and resumes the worker on signals;
 * 4. handles errors that nobody caught: see {@link CrashStop};
 * 5. runs the worker, and prints each attempt;
 * 6. prints the last line with the totals.
 */
export class WorkerRun {
  private readonly startedAt = new Date();
  private readonly start = performance.now();
  private readonly totals = new TotalsCounter();
  private signal: NodeJS.Signals | undefined;

  constructor(
    private readonly application: Application,
    private readonly options: WorkerArguments,
    private readonly printer: Printer,
    private readonly logger: StderrLogger,
  ) {}

  async run({ signals, pauses, errors, exit }: RunningProcess): Promise<void> {
    const { application, options, printer } = this;
    const { worker, server } = application;
    const queues = workedQueues(options, application);
    const reports = printer.job && worker.reports$.subscribe((report) => this.printJob(report));
    printer.started({
      time: this.startedAt,
      module: application.name,
      driver: application.options.driver,
      ...(server !== undefined && { server }),
      queues,
      notWorked: queuesNotWorked(queues, application),
      concurrency: slotsOf(options) ?? application.options.worker.concurrency,
      pid: process.pid,
      version: ownVersion(),
    });
    signals.handleWith((signal, number) => this.handleSignal(signal, number, exit));
    pauses.handleWith((isPaused) => this.pause(isPaused));
    errors.handleWith(this.crashStop(() => exit(EXIT.failure)).handle);
    const { concurrency, maxJobs, maxTime, maxMemory, stopWhenEmpty, maxTries, timeout } = options;
    const limits = { maxJobs, maxTime, maxMemory, stopWhenEmpty };
    const reason = await worker.run({
      queues: options.all ? 'all' : (options.pools ?? queues),
      concurrency,
      maxTries,
      timeout,
      ...limits,
    });
    reports?.unsubscribe();
    const duration = Math.round(performance.now() - this.start);
    const uncaught = errors.count > 0 && { uncaughtErrors: errors.count };
    printer.stopped({ time: new Date(), reason, signal: this.signal, ...uncaught, totals: this.totals, duration });
  }

  private crashStop(exit: () => void): CrashStop {
    const { application, options, logger } = this;
    const { worker } = application;
    const shutdownTimeout = options.shutdownTimeout ?? application.options.worker.shutdownTimeout;
    return new CrashStop({ worker, logger, tracker: trackAttempts(), shutdownTimeout, exit });
  }

  private printJob(report: JobReport): void {
    this.totals.add(report);
    this.printer.job?.(report);
  }

  private pause(isPaused: boolean): void {
    const { worker } = this.application;
    if (isPaused) worker.pause();
    else worker.resume();
    this.printer.paused(isPaused, new Date());
  }

  private handleSignal(signal: NodeJS.Signals, number: number, exit: (code: ExitCode) => void): void {
    const { worker } = this.application;
    if (number > 2) {
      exit(EXIT.failure);
    } else if (number === 2) {
      void worker.stop({ timeout: 0 });
    } else {
      this.signal = signal;
      this.printer.stopping(signal, new Date());
      void worker.stop({ timeout: this.options.shutdownTimeout });
    }
  }
}

/** Returns how many jobs run at once, if the command line says so. */
function slotsOf({ pools, concurrency }: WorkerArguments): number | undefined {
  return pools ? Object.values(pools).reduce((sum, slots) => sum + slots, 0) : concurrency;
}
