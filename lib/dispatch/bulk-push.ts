import { MAX_PUSH, type NewJob, type QueueDriver } from '../drivers/queue-driver.interface.js';
import type { JobCodec } from '../job/job-codec.js';
import type { DispatchResult, PendingPush } from '../middleware/dispatch-stage.js';
import { JobIdConflictError, UnknownOutcomeError, type IdConflict } from '../queue.errors.js';

interface Chunk {
  readonly queue: string;
  readonly jobs: NewJob[];
  /** The index of each job among all pushes. */
  readonly indexes: number[];
  /** True if the application gave one of the ids, or a job has traits. */
  looks: boolean;
  bytes: number;
  stored: boolean;
}

interface BulkResult {
  readonly results: readonly DispatchResult[];
  readonly conflict?: JobIdConflictError;
}

/** The bytes of one chunk, roughly. A command of more than 128 KiB takes V8 twice the time to write, as a large object. */
const CHUNK_BYTES = 100_000;
/** The bytes that a job takes in a command beside its body, roughly. */
const JOB_BYTES = 64;
/** The most jobs of the first chunk, if there have to be several: the other chunks wait for its answer. */
const FIRST_JOBS = 100;
/** The most chunks that are under way at once. */
const IN_FLIGHT = 4;

/**
 * Encodes and stores many jobs, in chunks; the jobs of a queue keep their order. The first chunk is sent alone: if the storage
 * refuses jobs, it refuses this chunk, and nothing was stored.
 *
 * @returns the results of the pushes, in their order; and the error that names the ids of other jobs, if there are any: all
 *   other jobs are stored
 * @throws PayloadNotSerializableError, PayloadTooLargeError before anything is stored
 * @throws the error of the storage, if nothing was stored
 * @throws UnknownOutcomeError with the jobs that may be stored or not, if other jobs were stored
 */
export async function pushInChunks(
  driver: QueueDriver,
  codec: JobCodec,
  pushes: readonly PendingPush[],
): Promise<BulkResult> {
  const chunks = divide(codec, pushes);
  const waiting = chunks.values();
  const conflicts: IdConflict[] = [];
  const results = pushes.map(addedResult);
  let failure: unknown;
  const send = async (chunk: Chunk): Promise<void> => {
    try {
      const exceptions = await driver.push(chunk.queue, chunk.jobs, chunk.looks);
      chunk.stored = true;
      for (const { index, outcome, id } of exceptions ?? []) {
        if (outcome !== 'changed') results[chunk.indexes[index]!] = { id, outcome };
      }
    } catch (error) {
      if (error instanceof JobIdConflictError) {
        chunk.stored = true;
        conflicts.push(...error.conflicts);
      } else {
        failure ??= error;
      }
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
  if (conflicts.length === 0) return { results };
  const allIds = pushes.map(({ id }) => id);
  return { results, conflict: new JobIdConflictError(conflicts, allIds) };
}

/** Makes the result of a push that added its job. */
export function addedResult({ id, delay }: PendingPush): DispatchResult {
  return { id, outcome: delay > 0 ? 'delayed' : 'queued' };
}

/** Makes the job to store, with all that the storage needs to look at it: to compare its id, to begin the wait for it, its traits. */
export function toNewJob(
  { id, delay, unique, name, replacesEnded, ticket, traits }: PendingPush,
  body: string,
): NewJob {
  return { id, body, delay, name, isGenerated: unique ? undefined : true, replacesEnded, ticket, traits };
}

function divide(codec: JobCodec, pushes: readonly PendingPush[]): Chunk[] {
  const chunks: Chunk[] = [];
  const open = new Map<string, Chunk>();
  let index = 0;
  const firstJobs = pushes.length > MAX_PUSH ? FIRST_JOBS : MAX_PUSH;
  for (const push of pushes) {
    const { id, queue, delay } = push;
    const looks = push.unique || push.traits !== undefined;
    const { body, size } = push.encoded ?? codec.encode(push);
    const bytes = size + JOB_BYTES;
    let chunk = open.get(queue);
    const most = chunk === chunks[0] ? firstJobs : MAX_PUSH;
    if (!chunk || chunk.jobs.length >= most || chunk.bytes + bytes > CHUNK_BYTES) {
      chunk = { queue, jobs: [], indexes: [], looks: false, bytes: 0, stored: false };
      chunks.push(chunk);
      open.set(queue, chunk);
    }
    chunk.jobs.push(looks ? toNewJob(push, body) : { id, body, delay, isGenerated: true });
    chunk.indexes.push(index++);
    chunk.looks ||= looks;
    chunk.bytes += bytes;
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
