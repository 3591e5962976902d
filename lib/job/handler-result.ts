import {
  from,
  isObservable,
  lastValueFrom,
  Observable,
  of,
  takeUntil,
  type ObservableInput,
  type Subscriber,
} from 'rxjs';
import { InvalidJobError } from '../queue.errors.js';

/** Has the signal that ends an attempt. It is made at the first access: read it only if it is needed. */
export interface Abortable {
  readonly signal: AbortSignal;
}

type AnyIterator = Iterator<unknown, unknown> | AsyncIterator<unknown, unknown>;

/** The properties by which the results are told apart that have not done their work yet. */
interface Lazy {
  readonly '@@observable'?: unknown;
  readonly [Symbol.asyncIterator]?: () => AsyncIterator<unknown, unknown>;
  readonly [Symbol.iterator]?: () => Iterator<unknown, unknown>;
  readonly next?: unknown;
  readonly pipe?: unknown;
  readonly write?: unknown;
  readonly destroy?: () => void;
}

/**
 * Returns true for a result whose work is not done: an observable, a generator, an async iterable, or a stream. Arrays and other
 * collections are data. A promise has to be awaited first.
 */
export function isUnfinished(result: unknown): result is object {
  if (typeof result !== 'object' || result === null) return false;
  return isObservableLike(result) || isIterable(result) || isWritable(result);
}

/**
 * Runs an unfinished result to its end, and resolves with its last value. When the signal is aborted, it stops the work
 * (unsubscribes, or returns from the generator), and rejects with the reason of the abort.
 *
 * @throws InvalidJobError for a stream that is written to: nobody could tell when its work is done
 */
export async function runToEnd(result: object, owner: Abortable): Promise<unknown> {
  return lastValueFrom(toObservable(result).pipe(takeUntil(abortOf(owner.signal))), { defaultValue: undefined });
}

/** Waits for a promise, then for the end of an unfinished result; any other value is the result itself. */
export async function settle(result: unknown, owner: Abortable): Promise<unknown> {
  const value = await result;
  return isUnfinished(value) ? runToEnd(value, owner) : value;
}

/** Makes an observable of any result. Subscribing to it starts the work; unsubscribing stops it. */
export function toObservable(result: unknown): Observable<unknown> {
  if (!isUnfinished(result)) return of(result);
  // Not `from()`: the observable may come from another copy of rxjs.
  if (isObservable(result)) return new Observable((subscriber) => result.subscribe(subscriber));
  if (isObservableLike(result)) return from(result as ObservableInput<unknown>);
  if (isWritable(result)) throw InvalidJobError.returnsStream(result);
  return new Observable((subscriber) => iterate(result, subscriber));
}

function isObservableLike(result: Lazy): boolean {
  return isObservable(result) || typeof result['@@observable'] === 'function' || hasObservableSymbol(result);
}

/** Some libraries define `Symbol.observable`; it is no part of JavaScript. */
function hasObservableSymbol(result: object): boolean {
  const { observable } = Symbol as unknown as { observable?: symbol };
  return observable !== undefined && typeof (result as Record<symbol, unknown>)[observable] === 'function';
}

/** An iterable that can be run once. A collection is no iterator: it can be read again and again. */
function isIterable(result: Lazy): boolean {
  if (typeof result[Symbol.asyncIterator] === 'function') return true;
  return typeof result.next === 'function' && typeof result[Symbol.iterator] === 'function';
}

function isWritable({ pipe, write }: Lazy): boolean {
  return typeof pipe === 'function' && typeof write === 'function';
}

function iterate(source: Lazy, subscriber: Subscriber<unknown>): () => void {
  const iterator: AnyIterator = source[Symbol.asyncIterator]?.() ?? source[Symbol.iterator]!();
  let ended = false;
  const run = async (): Promise<void> => {
    try {
      while (!subscriber.closed) {
        const { done, value } = await iterator.next();
        // A generator without `async` may yield promises.
        if (!done || value !== undefined) subscriber.next(await value);
        if (done) break;
      }
      ended = true;
      subscriber.complete();
    } catch (error) {
      ended = true;
      subscriber.error(error);
    }
  };
  void run();
  return () => {
    if (!ended) void close(iterator, source);
  };
}

/** Lets a generator run its `finally` blocks. An error that they throw comes too late: the attempt is over. */
async function close(iterator: AnyIterator, source: Lazy): Promise<void> {
  try {
    // A stream that waits for data would wait on.
    if (typeof source.destroy === 'function') source.destroy();
    await iterator.return?.();
  } catch {
    // The attempt has its error already.
  }
}

/** Emits an error when the signal is aborted, or at once if it is aborted already. */
function abortOf(signal: AbortSignal): Observable<never> {
  return new Observable((subscriber) => {
    const onAbort = (): void => subscriber.error(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    return () => signal.removeEventListener('abort', onAbort);
  });
}
