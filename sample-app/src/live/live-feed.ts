import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import {
  QueueAdmin,
  QueueEvents,
  QueueManager,
  RESOLVED_QUEUE_OPTIONS,
  type ResolvedQueueOptions,
} from 'nestjs-job-queue';
import {
  catchError,
  defer,
  EMPTY,
  exhaustMap,
  filter,
  interval,
  map,
  merge,
  type Observable,
  share,
  startWith,
  Subject,
  takeUntil,
} from 'rxjs';
import type { LiveMessage, Moves, Totals } from './live-message.js';
import { MoveBuffer } from './move-buffer.js';
import { WorkerProcesses } from './worker-processes.js';

/** How often the page hears of moves, and of totals, in milliseconds. */
const MOVES_EACH = 100;
const TOTALS_EACH = 500;

/** Tells all open pages of moves and totals. Without an open page it listens to nothing, and asks for nothing. */
@Injectable()
export class LiveFeed implements BeforeApplicationShutdown {
  readonly messages: Observable<LiveMessage>;
  private readonly closed = new Subject<void>();

  constructor(
    private readonly events: QueueEvents,
    private readonly queue: QueueManager,
    private readonly admin: QueueAdmin,
    private readonly processes: WorkerProcesses,
    @Inject(RESOLVED_QUEUE_OPTIONS) private readonly options: ResolvedQueueOptions,
  ) {
    this.messages = merge(this.moves(), this.totals()).pipe(takeUntil(this.closed), share());
  }

  /** Ends the streams of all pages: the HTTP server waits for them. */
  beforeApplicationShutdown(): void {
    this.closed.next();
  }

  private moves(): Observable<LiveMessage> {
    return defer(() => {
      const buffer = new MoveBuffer();
      const heard = this.events.all$.pipe(
        map((event) => buffer.add(event)),
        filter((): boolean => false),
      );
      const taken = interval(MOVES_EACH).pipe(
        map(() => buffer.take()),
        filter((moves): moves is Moves => moves !== undefined),
      );
      return merge(taken, heard as Observable<never>);
    }).pipe(map((data): LiveMessage => ({ type: 'moves', data })));
  }

  private totals(): Observable<LiveMessage> {
    return interval(TOTALS_EACH).pipe(
      startWith(0),
      // A page that Redis keeps waiting gets its totals later.
      exhaustMap(() => defer(() => this.readTotals()).pipe(catchError(() => EMPTY))),
      map((data): LiveMessage => ({ type: 'totals', data })),
    );
  }

  private async readTotals(): Promise<Totals> {
    const names = await this.queue.queues();
    const [queues, workers] = await Promise.all([
      Promise.all(names.map(async (name) => this.readQueue(name))),
      this.admin.workers(),
    ]);
    return {
      queues,
      workers: workers.map(({ host, pid, busy, concurrency }) => ({
        host,
        pid,
        busy,
        concurrency,
        isChild: this.processes.has(pid),
      })),
      isDurable: this.options.driver === 'redis',
    };
  }

  private async readQueue(name: string): Promise<Totals['queues'][number]> {
    return { name, ...(await this.queue.counts(name)) };
  }
}
