import { Subject, type Observable } from 'rxjs';
import { GuardedObservable } from '../support/guarded-observable.js';
import { ownContexts } from '../support/own-context.js';
import type { QueueLogger } from '../support/queue-logger.js';
import type { JobReport } from './job-report.js';

/** Sends reports to subscribers, each report in an asynchronous context of its own. */
export class ReportSubject extends Subject<JobReport> {
  private readonly inOwnContext = ownContexts();

  constructor(private readonly logger: QueueLogger) {
    super();
  }

  override next(report: JobReport): void {
    this.inOwnContext(() => super.next(report));
  }

  override asObservable(): Observable<JobReport> {
    return new GuardedObservable('A subscriber of reports$', this.logger, super.asObservable());
  }
}
