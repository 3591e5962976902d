import type { NewJob, PushException, QueueDriver } from '../drivers/queue-driver.interface.js';
import { queueOf } from '../job/stored-queue.js';
import { JobIdConflictError, UnknownOutcomeError, type IdConflict } from '../queue.errors.js';
import type { PartitionMap } from './partition-map.js';

/** The jobs of a push that go to one partition, and their indexes in the push. */
interface Part {
  readonly stored: string;
  readonly jobs: NewJob[];
  readonly indexes: number[];
}

/**
 * Pushes jobs to the partitions of their queue. Those of one partition are stored together, or none of them.
 *
 * @throws UnknownOutcomeError with the jobs that may be stored or not, if other jobs were stored
 * @throws as `QueueDriver.push`
 */
export async function pushToPartitions(
  driver: QueueDriver,
  map: PartitionMap,
  queue: string,
  jobs: readonly NewJob[],
  looks: boolean,
): Promise<readonly PushException[] | undefined> {
  const parts = divide(map, queue, jobs);
  if (parts.length === 0) return undefined;
  const settled = await Promise.allSettled(parts.map((part) => pushPart(driver, part, looks)));
  const exceptions: PushException[] = [];
  const conflicts: IdConflict[] = [];
  const failed: Part[] = [];
  let failure: unknown;
  for (const [index, result] of settled.entries()) {
    if (result.status === 'fulfilled') {
      exceptions.push(...result.value.exceptions);
      conflicts.push(...result.value.conflicts);
    } else {
      failed.push(parts[index]!);
      // One that leaves it open says more than one that does not.
      if (!(failure instanceof UnknownOutcomeError)) failure = result.reason;
    }
  }
  if (failed.length > 0) throw describeFailure(failure, failed, parts, jobs);
  if (conflicts.length > 0) throw new JobIdConflictError(conflicts, idsOf(jobs));
  return exceptions.length > 0 ? exceptions.sort((a, b) => a.index - b.index) : undefined;
}

function divide(map: PartitionMap, queue: string, jobs: readonly NewJob[]): Part[] {
  const parts = new Map<string, Part>();
  for (const [index, job] of jobs.entries()) {
    const stored = map.for(queue, job);
    let part = parts.get(stored);
    if (!part) parts.set(stored, (part = { stored, jobs: [], indexes: [] }));
    part.jobs.push(job);
    part.indexes.push(index);
  }
  return [...parts.values()];
}

async function pushPart(
  driver: QueueDriver,
  { stored, jobs, indexes }: Part,
  looks: boolean,
): Promise<{ readonly exceptions: readonly PushException[]; readonly conflicts: readonly IdConflict[] }> {
  try {
    // Jobs beside those that the storage has to look at need no look.
    const ownLooks = looks && jobs.some(({ isGenerated, traits }) => !isGenerated || traits);
    const exceptions = (await driver.push(stored, jobs, ownLooks)) ?? [];
    return {
      exceptions: exceptions.map(({ index, outcome, id }) => ({ index: indexes[index]!, outcome, id })),
      conflicts: [],
    };
  } catch (error) {
    if (!(error instanceof JobIdConflictError)) throw error;
    const told = error.conflicts.map(({ id, asked, found }) => ({
      id,
      asked: { ...asked, queue: queueOf(asked.queue) },
      found: { ...found, queue: queueOf(found.queue) },
    }));
    // The job is there already, in another partition: it had another group, or the number of partitions has grown.
    const same = told.filter(
      ({ asked, found }) => found.queue === asked.queue && (found.name ?? asked.name) === asked.name,
    );
    return {
      exceptions: same.map(({ id }) => {
        return { index: indexes[jobs.findIndex((job) => job.id === id)]!, outcome: 'duplicate', id };
      }),
      conflicts: told.filter((conflict) => !same.includes(conflict)),
    };
  }
}

function describeFailure(
  failure: unknown,
  failed: readonly Part[],
  parts: readonly Part[],
  jobs: readonly NewJob[],
): unknown {
  if (failed.length === parts.length && !(failure instanceof UnknownOutcomeError)) return failure;
  const open = failed.flatMap((part) => idsOf(part.jobs));
  const cause = failure instanceof UnknownOutcomeError ? failure.cause : failure;
  return new UnknownOutcomeError(open, { cause, allIds: idsOf(jobs) });
}

function idsOf(jobs: readonly NewJob[]): string[] {
  return jobs.map(({ id }) => id);
}
