import { MAX_PUSH, type NewJob, type QueueDriver } from '../drivers/queue-driver.interface.js';
import { UnknownOutcomeError } from '../queue.errors.js';

/** A job, and the queue it goes to. */
export interface AddressedJob {
  readonly queue: string;
  readonly job: NewJob;
  /** The bytes of its data. */
  readonly size: number;
}

interface Chunk {
  readonly queue: string;
  readonly jobs: NewJob[];
  bytes: number;
  stored: boolean;
}

/** About how many bytes go in one chunk: more would keep a server from others for too long. */
const CHUNK_BYTES = 1_000_000;
/** How many chunks are under way at once. */
const IN_FLIGHT = 4;

/**
 * Stores many jobs, in chunks; the jobs of a queue keep their order. The first chunk goes alone: what is wrong with
 * the storage shows there, before anything was stored.
 *
 * @throws whatever the storage refuses with, where nothing was stored
 * @throws UnknownOutcomeError naming the jobs that are not known to be stored, where others are
 */
export async function pushInChunks(driver: QueueDriver, jobs: readonly AddressedJob[]): Promise<void> {
  const chunks = divide(jobs);
  const waiting = chunks.values();
  let failure: unknown;
  const send = async (chunk: Chunk): Promise<void> => {
    try {
      await driver.push(chunk.queue, chunk.jobs, false);
      chunk.stored = true;
    } catch (error) {
      failure ??= error;
    }
  };
  const sendOn = async (): Promise<void> => {
    for (const chunk of waiting) {
      if (failure !== undefined) return;
      await send(chunk);
    }
  };
  const first = waiting.next().value;
  if (first) await send(first);
  await Promise.all(Array.from({ length: IN_FLIGHT }, sendOn));
  if (failure !== undefined) throw describeFailure(failure, chunks, jobs);
}

function divide(jobs: readonly AddressedJob[]): Chunk[] {
  const chunks: Chunk[] = [];
  const open = new Map<string, Chunk>();
  for (const { queue, job, size } of jobs) {
    let chunk = open.get(queue);
    if (!chunk || chunk.jobs.length >= MAX_PUSH || chunk.bytes + size > CHUNK_BYTES) {
      chunk = { queue, jobs: [], bytes: 0, stored: false };
      chunks.push(chunk);
      open.set(queue, chunk);
    }
    chunk.jobs.push(job);
    chunk.bytes += size;
  }
  return chunks;
}

function describeFailure(failure: unknown, chunks: readonly Chunk[], jobs: readonly AddressedJob[]): unknown {
  const uncertain = failure instanceof UnknownOutcomeError;
  if (!uncertain && !chunks.some((chunk) => chunk.stored)) return failure;
  const open = chunks.filter((chunk) => !chunk.stored).flatMap((chunk) => chunk.jobs.map(({ id }) => id));
  const cause: unknown = uncertain ? failure.cause : failure;
  return new UnknownOutcomeError(open, { cause, allIds: jobs.map(({ job }) => job.id) });
}
