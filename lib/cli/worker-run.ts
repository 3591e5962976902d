import type { JobReport } from '../index.js';
import type { Application } from './application.js';
import { EXIT, type ExitCode } from './command-error.js';
import { ownVersion } from './own-package.js';
import type { Printer } from './printer.interface.js';
import type { WorkerArguments } from './program.js';
import type { ShutdownSignals } from './shutdown-signals.js';
import { TotalsCounter } from './totals.js';
import { queuesNotWorked, workedQueues } from './worked-queues.js';

/**
 * Runs the application's worker until it reaches a limit or gets a signal:
 *
 * 1. prints the first line;
 * 2. handles signals: the first stops the worker, the second requeues the running jobs at once, the third ends the
 *    process;
 * 3. runs the worker, and prints each attempt;
 * 4. prints the last line with the totals.
 */
export class WorkerRun {
  private readonly startedAt = new Date();
  private readonly start = performance.now();
  private readonly totals = new TotalsCounter();
  private signal: NodeJS.Signals | undefined;

  /** @param exit ends the process at once */
  constructor(
    private readonly application: Application,
    private readonly options: WorkerArguments,
    private readonly printer: Printer,
    private readonly exit: (code: ExitCode) => void,
  ) {}

  async run(signals: ShutdownSignals): Promise<void> {
    const { application, options, printer } = this;
    const { worker, server } = application;
    const queues = workedQueues(options.queues, application);
    const reports = printer.job && worker.reports$.subscribe((report) => this.printJob(report));
    printer.started({
      time: this.startedAt,
      module: application.name,
      driver: application.options.driver,
      ...(server !== undefined && { server }),
      queues,
      notWorked: queuesNotWorked(queues, application),
      concurrency: options.concurrency ?? application.options.worker.concurrency,
      pid: process.pid,
      version: ownVersion(),
    });
    signals.handleWith(this.handleSignal);
    const { concurrency, maxJobs, maxTime, maxMemory, stopWhenEmpty, maxTries, timeout } = options;
    const limits = { maxJobs, maxTime, maxMemory, stopWhenEmpty };
    const reason = await worker.run({ queues, concurrency, maxTries, timeout, ...limits });
    reports?.unsubscribe();
    const duration = Math.round(performance.now() - this.start);
    printer.stopped({ time: new Date(), reason, signal: this.signal, totals: this.totals, duration });
  }

  private printJob(report: JobReport): void {
    this.totals.add(report);
    this.printer.job?.(report);
  }

  private readonly handleSignal = (signal: NodeJS.Signals, number: number): void => {
    const { worker } = this.application;
    if (number > 2) {
      this.exit(EXIT.failure);
    } else if (number === 2) {
      void worker.stop({ timeout: 0 });
    } else {
      this.signal = signal;
      this.printer.stopping(signal, new Date());
      void worker.stop({ timeout: this.options.shutdownTimeout });
    }
  };
}
