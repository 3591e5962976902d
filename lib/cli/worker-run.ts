import type { JobReport } from '../index.js';
import type { Application } from './application.js';
import { EXIT, type ExitCode } from './command-error.js';
import { ownVersion } from './own-package.js';
import type { Printer } from './printer.interface.js';
import type { WorkerArguments } from './program.js';
import type { ShutdownSignals } from './shutdown-signals.js';
import { TotalsCounter } from './totals.js';

/**
 * One run of the application's worker, until a limit is reached or a signal comes:
 *
 * 1. says what it sets out to do;
 * 2. answers signals: the first stops the worker, the second lets it wait no longer, the third ends the process;
 * 3. works, and tells each attempt;
 * 4. says what has become of it.
 */
export class WorkerRun {
  private readonly startedAt = Date.now();
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
    const { worker } = application;
    const queues = options.queues.length > 0 ? options.queues : [application.options.default];
    const reports = printer.job && worker.reports$.subscribe((report) => this.tell(report));
    printer.started({
      time: new Date(this.startedAt),
      module: application.name,
      driver: application.options.driver,
      queues,
      concurrency: options.concurrency ?? application.options.worker.concurrency,
      pid: process.pid,
      version: ownVersion(),
    });
    signals.handleWith(this.answer);
    const { concurrency, maxJobs, maxTime, maxMemory, stopWhenEmpty, maxTries, timeout } = options;
    const limits = { maxJobs, maxTime, maxMemory, stopWhenEmpty };
    const reason = await worker.run({ queues, concurrency, maxTries, timeout, ...limits });
    reports?.unsubscribe();
    const time = new Date();
    const duration = time.getTime() - this.startedAt;
    printer.stopped({ time, reason, signal: this.signal, totals: this.totals, duration });
  }

  private tell(report: JobReport): void {
    this.totals.add(report);
    this.printer.job?.(report);
  }

  private readonly answer = (signal: NodeJS.Signals, number: number): void => {
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
