import { Observable, Subject, Subscriber, type Observer, type OperatorFunction, type Subscription } from 'rxjs';
import { callListener } from '../support/call-listener.js';
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
    return new GuardedObservable(this.logger, super.asObservable());
  }
}

/**
 * Logs the errors of its subscribers, also of those behind a `pipe()`. In rxjs an error that a subscriber throws, or does not
 * handle, is thrown again in a timer, where nobody can catch it: it would end the process, and with it the jobs of others.
 */
class GuardedObservable<T> extends Observable<T> {
  constructor(
    private readonly logger: QueueLogger,
    private readonly inner: Observable<T>,
  ) {
    super((subscriber) => inner.subscribe(subscriber));
  }

  // The operators change the type at each step; the overloads of rxjs give the caller the right ones.
  // oxlint-disable-next-line typescript/no-explicit-any
  override pipe(...operators: readonly OperatorFunction<any, any>[]): Observable<any> {
    const piped = operators.reduce((source, operator) => operator(source), this.inner as Observable<unknown>);
    return new GuardedObservable(this.logger, piped);
  }

  override subscribe(
    observerOrNext?: Partial<Observer<T>> | ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    // Another observable was built from this one: the errors of its subscribers are not known here.
    if (observerOrNext instanceof Subscriber) return super.subscribe(observerOrNext);
    const given = typeof observerOrNext === 'function' ? { next: observerOrNext, error, complete } : observerOrNext;
    return super.subscribe({
      next: (value) => this.call(() => given?.next?.(value)),
      error: (thrown: unknown) =>
        this.call(() => {
          if (!given?.error) throw thrown;
          given.error(thrown);
        }),
      complete: () => this.call(() => given?.complete?.()),
    });
  }

  private call(listener: () => unknown): void {
    callListener('A subscriber of reports$', this.logger, listener);
  }
}
