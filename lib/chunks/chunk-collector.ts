import type { CheckedChunk } from '../job/chunk-options.js';
import type { MonotonicClock, Timer } from '../support/clock.js';

/** The jobs of one name and one source, for one call. */
export interface Chunk<Source, Held> {
  readonly source: Source;
  readonly name: string;
  readonly size: number;
  readonly items: Held[];
}

interface OpenChunk<Source, Held> extends Chunk<Source, Held> {
  /** True if it waits no longer than for the jobs that are ready. */
  readonly isHurried: boolean;
  timer: Timer | undefined;
  /** True if it waits for a slot. */
  isDue: boolean;
}

/**
 * Collects claimed jobs for chunks, one chunk a name and a source at a time. They take no slot until the chunk is due:
 *
 * 1. when it is full;
 * 2. when its `wait` is over, from its first job on;
 * 3. without a `wait` when its source has no further job ready, or other jobs need the slot: the caller says so to {@link closeHurried}.
 *
 * A chunk that is due gets further jobs until it is full, or until it has a slot: the caller says so to {@link seal}. A chunk whose jobs had
 * to be given back waits no second time: when they are claimed again, it is hurried.
 */
export class ChunkCollector<Source, Held> {
  /** How many chunks are open that are not due. */
  count = 0;
  /** How many of them are hurried. */
  hurriedCount = 0;
  /** The chunks that get further jobs. */
  private readonly open = new Map<Source, Map<string, OpenChunk<Source, Held>>>();
  private readonly givenBack = new Map<Source, Set<string>>();

  /**
   * @param onDue called with a chunk that is due
   * @param onTime called after that if its time was over
   * @param isHurried true if no chunk waits
   */
  constructor(
    private readonly clock: MonotonicClock,
    private readonly onDue: (chunk: Chunk<Source, Held>) => void,
    private readonly onTime: () => void,
    private readonly isHurried = false,
  ) {}

  /**
   * Adds a job to the open chunk of its name, or opens one.
   *
   * @returns whether it has joined others
   */
  add(source: Source, name: string, { size, wait }: CheckedChunk, held: Held): boolean {
    const known = this.open.get(source)?.get(name);
    const chunk = known ?? this.begin(source, name, size, wait);
    chunk.items.push(held);
    if (chunk.items.length === size) {
      this.close(chunk);
      this.seal(chunk);
    }
    return known !== undefined;
  }

  /** Returns how many jobs the open chunk of a source takes that has the most room; `undefined` if none is open. */
  roomOf(source: Source): number | undefined {
    const chunks = [...(this.open.get(source)?.values() ?? [])];
    return chunks.length > 0 ? Math.max(...chunks.map(({ size, items }) => size - items.length)) : undefined;
  }

  /**
   * Closes hurried chunks.
   *
   * @param isQuiet whether no further job of a source is on its way
   * @param all whether chunks that wait are closed as well
   * @returns whether there was one
   */
  closeHurried(isQuiet: (source: Source) => boolean = () => true, all = false): boolean {
    const closed = this.waiting().filter(({ source, isHurried }) => (all || isHurried) && isQuiet(source));
    for (const chunk of closed) this.close(chunk);
    return closed.length > 0;
  }

  /** Lets a chunk get no further jobs: it has a slot. */
  seal(chunk: Chunk<Source, Held>): void {
    const ofSource = this.open.get(chunk.source);
    if (ofSource?.get(chunk.name) !== chunk) return;
    ofSource.delete(chunk.name);
    if (ofSource.size === 0) this.open.delete(chunk.source);
  }

  /** Takes out all jobs that are in no chunk that is due, or those of one source: they are given back. */
  take(source?: Source): Held[] {
    const chunks = this.waiting().filter((chunk) => source === undefined || chunk.source === source);
    for (const chunk of chunks) this.giveBack(chunk);
    return chunks.flatMap(({ items }) => items);
  }

  /** Takes out the jobs that match, and that are in no chunk that is due. */
  takeSome(matches: (held: Held) => boolean): Held[] {
    return this.waiting().flatMap((chunk) => {
      const taken = takeFrom(chunk, matches);
      if (chunk.items.length === 0) this.drop(chunk);
      return taken;
    });
  }

  /** Notes that the jobs of a chunk are given back. */
  giveBack(chunk: Chunk<Source, Held>): void {
    const { source, name } = chunk;
    this.drop(chunk as OpenChunk<Source, Held>);
    const names = this.givenBack.get(source);
    if (names) names.add(name);
    else this.givenBack.set(source, new Set([name]));
  }

  private begin(source: Source, name: string, size: number, wait: number): OpenChunk<Source, Held> {
    const isHurried = this.givenBack.get(source)?.delete(name) === true || this.isHurried || wait === 0;
    const chunk: OpenChunk<Source, Held> = {
      source,
      name,
      size,
      items: [],
      isHurried,
      timer: undefined,
      isDue: false,
    };
    if (!isHurried) {
      chunk.timer = this.clock.after(wait * 1000, () => {
        this.close(chunk);
        this.onTime();
      });
    }
    const ofSource = this.open.get(source);
    if (ofSource) ofSource.set(name, chunk);
    else this.open.set(source, new Map([[name, chunk]]));
    this.count++;
    if (isHurried) this.hurriedCount++;
    return chunk;
  }

  private waiting(): OpenChunk<Source, Held>[] {
    return [...this.open.values()].flatMap((ofSource) => [...ofSource.values()].filter(({ isDue }) => !isDue));
  }

  private close(chunk: OpenChunk<Source, Held>): void {
    if (!this.end(chunk)) return;
    this.onDue(chunk);
  }

  private drop(chunk: OpenChunk<Source, Held>): void {
    this.end(chunk);
    this.seal(chunk);
  }

  /** Ends the wait of a chunk. @returns false if it had ended already */
  private end(chunk: OpenChunk<Source, Held>): boolean {
    if (chunk.isDue) return false;
    chunk.isDue = true;
    chunk.timer?.cancel();
    this.count--;
    if (chunk.isHurried) this.hurriedCount--;
    return true;
  }
}

/** Takes the jobs out of a chunk that match. */
export function takeFrom<Held>({ items }: { readonly items: Held[] }, matches: (held: Held) => boolean): Held[] {
  const taken = items.filter(matches);
  if (taken.length > 0) items.splice(0, items.length, ...items.filter((held) => !matches(held)));
  return taken;
}
