import { MAX_PUSH, type NewJob, type QueueDriver } from '../drivers/queue-driver.interface.js';
import type { JobCodec } from '../job/job-codec.js';
import type { PendingPush } from '../middleware/dispatch-stage.js';
import { UnknownOutcomeError } from '../queue.errors.js';

interface Chunk {
  readonly queue: string;
  readonly jobs: NewJob[];
  bytes: number;
  stored: boolean;
}

/** The bytes of one chunk, roughly: a server cannot serve others while it stores a larger one. */
const CHUNK_BYTES = 1_000_000;
/** The most chunks that are under way at once. */
const IN_FLIGHT = 4;

/**
 * Encodes and stores many jobs, in chunks; the jobs of a queue keep their order. The first chunk is sent alone: if the storage
 * refuses jobs, it refuses this chunk, and nothing was stored.
 *
 * @throws PayloadNotSerializableError, PayloadTooLargeError before anything is stored
 * @throws the error of the storage, if nothing was stored
 * @throws UnknownOutcomeError with the jobs that may be stored or not, if other jobs were stored
 */
export async function pushInChunks(
  driver: QueueDriver,
  codec: JobCodec,
  pushes: readonly PendingPush[],
): Promise<void> {
  const chunks = divide(codec, pushes);
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
  if (failure !== undefined) throw describeFailure(failure, chunks, pushes);
}

function divide(codec: JobCodec, pushes: readonly PendingPush[]): Chunk[] {
  const chunks: Chunk[] = [];
  const open = new Map<string, Chunk>();
  for (const push of pushes) {
    const { id, queue, delay } = push;
    const { body, size } = codec.encode(push);
    let chunk = open.get(queue);
    if (!chunk || chunk.jobs.length >= MAX_PUSH || chunk.bytes + size > CHUNK_BYTES) {
      chunk = { queue, jobs: [], bytes: 0, stored: false };
      chunks.push(chunk);
      open.set(queue, chunk);
    }
    chunk.jobs.push({ id, body, delay });
    chunk.bytes += size;
  }
  return chunks;
}

function describeFailure(failure: unknown, chunks: readonly Chunk[], pushes: readonly PendingPush[]): unknown {
  const uncertain = failure instanceof UnknownOutcomeError;
  if (!uncertain && !chunks.some((chunk) => chunk.stored)) return failure;
  const open = chunks.filter((chunk) => !chunk.stored).flatMap((chunk) => chunk.jobs.map(({ id }) => id));
  const cause: unknown = uncertain ? failure.cause : failure;
  return new UnknownOutcomeError(open, { cause, allIds: pushes.map(({ id }) => id) });
}
