import { Observable, Subscriber, type Observer, type OperatorFunction, type Subscription } from 'rxjs';
import { callListener } from './call-listener.js';
import type { QueueLogger } from './queue-logger.js';

/**
 * Logs the errors of its subscribers, also of those behind a `pipe()`. In rxjs an error that a subscriber throws, or does not
 * handle, is thrown again in a timer, where nobody can catch it: it would end the process, and with it the jobs of others.
 */
export class GuardedObservable<T> extends Observable<T> {
  /** @param what a subscriber, for the log */
  constructor(
    private readonly what: string,
    private readonly logger: QueueLogger,
    private readonly inner: Observable<T>,
  ) {
    super((subscriber) => inner.subscribe(subscriber));
  }

  // The operators change the type at each step; the overloads of rxjs give the caller the right ones.
  // oxlint-disable-next-line typescript/no-explicit-any
  override pipe(...operators: readonly OperatorFunction<any, any>[]): Observable<any> {
    const piped = operators.reduce((source, operator) => operator(source), this.inner as Observable<unknown>);
    return new GuardedObservable(this.what, this.logger, piped);
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
    callListener(this.what, this.logger, listener);
  }
}
