import type { ChunkCallParts, ChunkSeat, HandleChunk } from '../discovery/registered-job.interface.js';
import { ChunkContext } from '../job/chunk-context.js';
import { settle } from '../job/handler-result.js';
import type { JobContext, JobControl } from '../job/job-context.js';
import { toError } from '../support/error-text.js';
import { DecidedItem, endOf } from './decided-item.js';

/**
 * One call of `handleChunk`, and the attempts that take part in it. Each attempt goes its own way through the work pipeline, and
 * meets the others here:
 *
 * 1. it takes its seat when its data was read; an attempt that ends before that leaves;
 * 2. it joins where any other job runs its `handle`;
 * 3. when each seat has joined or left, `handleChunk` is called once;
 * 4. when that has ended, each attempt goes on with its own end.
 */
export class ChunkCall implements ChunkCallParts {
  readonly context: ChunkContext;
  readonly gathered: Promise<void>;
  private readonly seats: Seat[] = [];
  /** How many attempts have taken their seat, and have neither joined nor left. */
  private seated = 0;
  /** The items of the call, once it has begun. */
  private items: readonly DecidedItem[] | undefined;
  private shared: { readonly value: unknown } | undefined;
  private resolveGathered!: () => void;
  private hasEnded = false;
  private handle: HandleChunk | undefined;

  /**
   * @param coming how many attempts will take a seat or leave
   * @param begin starts {@link run} in a context of its own
   */
  constructor(
    queue: string,
    name: string,
    private coming: number,
    private readonly begin: (call: ChunkCall) => void,
  ) {
    this.context = new ChunkContext(queue, name, () => this.items ?? this.seats.map(({ item }) => item!));
    this.gathered = new Promise((resolve) => (this.resolveGathered = resolve));
  }

  /** The id of the first item, and how many others there are, for messages. */
  get ids(): string {
    const [first, ...others] = this.context.items;
    return others.length > 0 ? `${first!.job.id} and ${others.length} more` : (first?.job.id ?? '');
  }

  share<T>(make: () => T): T {
    this.shared ??= { value: make() };
    return this.shared.value as T;
  }

  /** Makes the seat of one attempt. */
  reserve(): Seat {
    return new Seat(this);
  }

  /** Calls `handleChunk`, and ends each attempt. Never rejects. */
  async run(): Promise<void> {
    try {
      await settle(this.handle!(this.items!, this.context), this.context);
      this.end(undefined);
    } catch (thrown) {
      this.end(toError(thrown));
    }
  }

  /** Ends the call with an error that nobody caught. @returns false if it has ended already */
  fail(error: Error): boolean {
    return this.end(error);
  }

  /** @internal */
  sit(seat: Seat): void {
    this.seats.push(seat);
    this.seated++;
    this.arrive();
  }

  /** @internal */
  join(handle: HandleChunk): void {
    this.handle = handle;
    this.seated--;
    this.look();
  }

  /** @param from the state of the seat before @internal */
  leave(from: SeatState): void {
    if (from === 'coming') return this.arrive();
    if (from === 'seated') this.seated--;
    this.look();
  }

  private arrive(): void {
    this.coming--;
    if (this.coming > 0) return;
    this.resolveGathered();
    this.look();
  }

  /** Begins when no attempt is missing any more. */
  private look(): void {
    if (this.items || this.coming > 0 || this.seated > 0) return;
    const joined = this.seats.filter(({ state }) => state === 'joined');
    if (joined.length === 0) return;
    this.items = Object.freeze(joined.map(({ item }) => item!));
    this.begin(this);
  }

  private end(error: Error | undefined): boolean {
    if (this.hasEnded) return false;
    this.hasEnded = true;
    for (const seat of this.seats) seat.end(error);
    return true;
  }
}

type SeatState = 'coming' | 'seated' | 'joined' | 'left';

/** The place of one attempt in a {@link ChunkCall}. */
export class Seat implements ChunkSeat {
  state: SeatState = 'coming';
  item: DecidedItem | undefined;
  private resolve!: (result: unknown) => void;
  private reject!: (error: Error) => void;

  constructor(readonly call: ChunkCall) {}

  /** Takes the seat: the data of the job is known. */
  sit(job: JobContext, control: JobControl): void {
    this.item = new DecidedItem(job, control);
    this.state = 'seated';
    this.call.sit(this);
  }

  join(handle: HandleChunk): Promise<unknown> {
    const end = new Promise<unknown>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    // An attempt that is over takes no part: its promise stays pending, and nobody waits for it.
    if (this.state === 'seated') {
      this.state = 'joined';
      this.call.join(handle);
    }
    return end;
  }

  /** Leaves: the attempt is over. */
  leave(): void {
    const before = this.state;
    if (before === 'left') return;
    this.state = 'left';
    this.call.leave(before);
  }

  end(error: Error | undefined): void {
    if (this.state !== 'joined') return;
    const end = endOf(this.item!, error);
    if ('error' in end) this.reject(end.error);
    else this.resolve(end.result);
  }
}
