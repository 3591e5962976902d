import { ChunkCollector, takeFrom } from '../chunks/chunk-collector.js';
import type { PollResult } from '../drivers/queue-driver.interface.js';
import type { RecoveryPass } from '../recovery/recovery-gate.js';
import type { MonotonicClock } from '../support/clock.js';
import type { ChunkCalls } from './chunk-calls.js';
import { WAITING, type HeldChunk, type HeldJob } from './held-job.js';
import type { QueueFetcher } from './queue-fetcher.js';

/** What a poll brought. */
export type Arrival = Pick<PollResult, 'jobs' | 'more' | 'now'>;

/** Where a closed chunk waits for its slot. */
export interface ChunkTarget {
  /** Takes a job, or the element of a chunk. */
  add(held: HeldJob): void;
  /** How many slots are free; negative if jobs wait for one. */
  readonly free: number;
  /** Called when a chunk was closed by its time. */
  onDue(): void;
}

/** The chunks of a {@link JobPool}: collects their jobs from the claimed ones, and gives chunks that are due to the pool. */
export class PoolChunks {
  readonly collector: ChunkCollector<QueueFetcher, HeldJob>;

  /** @param isLook whether each queue is asked for jobs only once, so that a claim only fills chunks that are open */
  constructor(
    readonly calls: ChunkCalls,
    private readonly clock: MonotonicClock,
    private readonly target: ChunkTarget,
    { isHurried = false, isLook = false }: { readonly isHurried?: boolean; readonly isLook?: boolean } = {},
  ) {
    this.isLook = isLook;
    this.collector = new ChunkCollector(clock, this.hand, () => target.onDue(), isHurried || isLook);
  }

  private readonly isLook: boolean;

  /**
   * Takes a reply: the items of chunks are collected, all other jobs go to the pool. In a single look the queue is asked again for
   * the rest of a chunk.
   *
   * @returns how many items have joined others, so that they need no slot of their own
   */
  sort(fetcher: QueueFetcher, { jobs, more, now }: Arrival, pass: RecoveryPass | undefined): number {
    const { collector, target } = this;
    const read = jobs.map((job) => this.calls.read(job));
    const items = read.filter((each) => each?.chunk).length;
    const claim = fetcher.window.taken(jobs.length - items, more, now);
    // Collected jobs say nothing of how quick jobs are.
    const ofItems = { takenAt: claim.takenAt, now, more, left: Infinity };
    let joined = 0;
    let size = 0;
    for (const [index, job] of jobs.entries()) {
      const { record, chunk } = read[index] ?? {};
      if (record && chunk) {
        const held: HeldJob = { ...WAITING, fetcher, claim: ofItems, job, record };
        if (collector.add(fetcher, record.name, chunk, held)) joined++;
        ({ size } = chunk);
      } else {
        // Chunks that wait for no time come before it: it may take the last slot.
        if (collector.hurriedCount > 0 && target.free <= collector.hurriedCount) collector.closeHurried();
        target.add({ ...WAITING, fetcher, claim, job, record, pass: job.crashes > 0 ? pass : undefined });
      }
    }
    const hasExcess = target.free < 0;
    if (this.isLook && items > 0 && more && !hasExcess) fetcher.signal();
    const allowance = fetcher.chunkWindow.taken(items, jobs.length - items, more, hasExcess);
    const room = collector.roomOf(fetcher) ?? (this.isLook ? 0 : size);
    fetcher.chunkRoom = Math.min(allowance, room);
    return joined;
  }

  /**
   * Closes the chunks that wait for nothing any more.
   *
   * @param all whether chunks with a `wait` are closed as well
   * @returns whether there was one
   */
  close(all: boolean): boolean {
    return this.collector.closeHurried((fetcher) => fetcher.reserved === 0 || fetcher.isStalled, all);
  }

  /** Takes out the collected jobs that match, also of chunks that are due. @param waiting the jobs and chunks that wait for a slot */
  takeSome(waiting: readonly HeldJob[], matches: (held: HeldJob) => boolean): HeldJob[] {
    const ofDue = waiting.flatMap(({ chunk }) => {
      if (!chunk) return [];
      const taken = takeFrom(chunk, matches);
      if (chunk.items.length === 0) this.collector.seal(chunk);
      return taken;
    });
    return [...this.collector.takeSome(matches), ...ofDue];
  }

  private readonly hand = (chunk: HeldChunk): void => {
    const [first] = chunk.items;
    const claim = { ...first!.claim, takenAt: this.clock.monotonic() };
    this.target.add({ ...WAITING, fetcher: chunk.source, claim, job: first!.job, chunk });
  };
}
