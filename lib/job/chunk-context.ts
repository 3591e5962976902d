import { setMaxListeners } from 'node:events';
import type { ChunkItem } from './chunk-item.interface.js';

/**
 * One call of `handleChunk`: its second argument, and the request of request-scoped providers that the call needs
 * (`@Inject(REQUEST)`).
 */
export class ChunkContext<Data = unknown, Result = unknown> {
  /** The name of the job's class, as registered. */
  readonly name: string;
  readonly queue: string;
  readonly #items: () => readonly ChunkItem<Data, Result>[];
  #signal: AbortSignal | undefined;

  constructor(queue: string, name: string, items: () => readonly ChunkItem<Data, Result>[]) {
    this.queue = queue;
    this.name = name;
    this.#items = items;
  }

  /** The jobs of the call. */
  get items(): readonly ChunkItem<Data, Result>[] {
    return this.#items();
  }

  /**
   * Aborted when the signals of all items are: at the timeout, when the worker stops, when its lease was lost, or when each job was
   * cancelled. The signal of one item is aborted if that job alone was cancelled.
   */
  get signal(): AbortSignal {
    return (this.#signal ??= allOf(this.items.map(({ job }) => job.signal)));
  }
}

/** Returns a signal that is aborted when all of these are, with the reason of the last one. */
function allOf(signals: readonly AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  let left = signals.length;
  const count = (signal: AbortSignal): void => {
    if (--left === 0) controller.abort(signal.reason);
  };
  for (const signal of signals) {
    if (signal.aborted) count(signal);
    else signal.addEventListener('abort', () => count(signal), { once: true });
  }
  return controller.signal;
}
