import { isGeneratedId } from '../../job/job-id.js';
import { isJobState } from '../../job/job-status.js';
import type { StoredStatus } from '../queue-driver.interface.js';
import type { QueueNames } from './queue-names.js';
import type { RedisClient } from './redis-clients.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { INSPECTED_KEYS, inspectScript } from './scripts/inspect.script.js';

/** The number of queues that one call of the inspect script reads. */
const INSPECTED = 100;

/**
 * Finds the status of a job:
 *
 * 1. Reads the kept status. Jobs that run, have ended, or wait for a retry have a kept status. A job whose id the
 *    application chose has one from its push on.
 * 2. If none is kept, searches the queues that a generated id names by its hash. There is seldom more than one. If they
 *    do not have the job, reads the list of queues again: the queue may be new.
 * 3. For an id that the library did not make, asks the ids that applications gave for the queue of the job, and searches
 *    that queue: the status may have expired before the job ran, or the library keeps no statuses. In a cluster each queue
 *    has such ids of its own, so that they cannot be asked.
 * 4. For an id that the library made, asks the queues that the id names where the job went, if it moved to another queue.
 * 5. Searches all queues, but only for an id that the library did not make, and that is not among the given ids.
 *
 * On a single server one call searches a hundred queues. In a cluster each queue takes a call, because each has its own
 * slot.
 */
export class StatusFinder {
  constructor(
    private readonly toolkit: RedisToolkit,
    private readonly names: QueueNames,
  ) {}

  async find(id: string): Promise<StoredStatus | null> {
    const asked = new Set<string>();
    const read = new Set<string>();
    const look = async (candidates: readonly string[]): Promise<StoredStatus | null> => {
      const queues = addNew(asked, candidates);
      const keys = addNew(read, this.statusKeys(id, queues));
      return (await this.readStatuses(keys)) ?? (await this.inspectOrRead(id, queues));
    };
    const isGiven = !isGeneratedId(id, this.toolkit.clock.now());
    const known = (await look(this.names.named(id))) ?? (isGiven ? await this.findGiven(id) : null);
    if (known) return this.promoted(id, known);
    // Another process may have pushed the job to a queue that this process does not know yet.
    const all = await this.names.read();
    const inNamed = await look(this.names.named(id));
    const others = inNamed ? [] : isGiven ? all : await this.movedFrom(this.names.named(id), id);
    const found = inNamed ?? (await look(others));
    // The job may have begun, or ended, in the meantime.
    const status = found ?? (await this.readStatuses([...read]));
    return status && this.promoted(id, status);
  }

  /** Returns the queues where a job went that left one of these queues, the last one first. */
  async movedFrom(queues: readonly string[], id: string): Promise<readonly string[]> {
    const known = new Set(queues);
    for (const queue of known) {
      const key = this.toolkit.keys.of(queue).movedPrefix + id;
      const target = await this.ask((client) => client.get(key), key);
      if (target !== null) known.add(target);
    }
    return [...known].slice(queues.length).toReversed();
  }

  /** Finds a live job by the queue that is kept with its given id. If it has ended in the meantime, reads its status. */
  private async findGiven(id: string): Promise<StoredStatus | null> {
    const { connection, keys } = this.toolkit;
    if (connection.client.isCluster) return null;
    const { givenIds } = keys.of('');
    const owner = await this.ask((client) => client.hget(givenIds, id), givenIds);
    if (owner === null) return null;
    const queue = owner.slice(0, owner.indexOf(' '));
    return (await this.inspectOrRead(id, [queue])) ?? (await this.readStatuses(this.statusKeys(id, [queue])));
  }

  /** Returns one key, or in a cluster one for each queue: the status of a job is in the slot of its queue. */
  private statusKeys(id: string, queues: readonly string[]): string[] {
    return ['', ...queues].map((queue) => this.toolkit.keys.of(queue).statusPrefix + id);
  }

  private async readStatuses(keys: readonly string[]): Promise<StoredStatus | null> {
    const texts = await Promise.all(keys.map((key) => this.ask((client) => client.get(key), key)));
    for (const text of texts) {
      const status = text === null ? null : parseStatus(text);
      if (status) return status;
    }
    return null;
  }

  /**
   * Searches queues for a job without a kept status. If the job has failed or has been lost since the statuses were
   * read, reads its status again: only a kept status tells the error.
   */
  private async inspectOrRead(id: string, queues: readonly string[]): Promise<StoredStatus | null> {
    const found = await this.inspect(id, queues);
    const kept = found && found.attempt > 0 ? await this.readStatuses(this.statusKeys(id, [found.queue])) : null;
    return kept ?? found;
  }

  /** Searches queues for a job. Ignores a queue that cannot be read, unless it may be the queue that has the job. */
  private async inspect(id: string, queues: readonly string[]): Promise<StoredStatus | null> {
    const size = this.toolkit.connection.client.isCluster ? 1 : INSPECTED;
    const groups: (readonly string[])[] = [];
    for (let i = 0; i < queues.length; i += size) groups.push(queues.slice(i, i + size));
    const results = await Promise.allSettled(groups.map((group) => this.inspectGroup(id, group)));
    for (const result of results) if (result.status === 'fulfilled' && result.value) return result.value;
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    return null;
  }

  private async inspectGroup(id: string, queues: readonly string[]): Promise<StoredStatus | null> {
    const { commands, keys } = this.toolkit;
    const rest = queues.flatMap((queue) => {
      const own = keys.of(queue);
      return [queue, ...INSPECTED_KEYS.map((name) => own[name])];
    });
    const input = { keys: { route: rest[1]! }, args: { id }, rest };
    const reply = await commands.run(inspectScript, input, 'deadline', queues[0]);
    const [queue, state, updatedAt, attempt, progress] = reply as [string?, string?, string?, number?, string?];
    if (queue === undefined) return null;
    // If it is searched alone, a queue that cannot be read replies with its error.
    if (!isJobState(state)) return this.inspectGroup(id, [queue]);
    const status = { state, queue, updatedAt: toSecond(Number(updatedAt)), attempt: attempt ?? 0 };
    return progress === undefined ? status : { ...status, progress };
  }

  /** Corrects the status of a delayed job that is due: its kept status stays as it is when the job becomes ready. */
  private async promoted(id: string, status: StoredStatus): Promise<StoredStatus> {
    if (status.state !== 'delayed') return status;
    const { delayed, jobs } = this.toolkit.keys.of(status.queue);
    const [time, isStored] = await Promise.all([
      this.ask((client) => client.zscore(delayed, id), delayed),
      this.ask((client) => client.hexists(jobs, id), jobs),
    ]);
    return time === null && isStored === 1 ? { ...status, state: 'queued' } : status;
  }

  private ask<T>(send: (client: RedisClient) => Promise<T>, key: string): Promise<T> {
    return this.toolkit.commands.call(send, 'deadline', { key });
  }
}

/** Adds items to a set. Returns those that were not in it. */
function addNew(set: Set<string>, items: readonly string[]): string[] {
  const added: string[] = [];
  for (const item of items) {
    if (set.has(item)) continue;
    set.add(item);
    added.push(item);
  }
  return added;
}

/** Reads the text under a status key; `null` if another program wrote it. */
export function parseStatus(text: string): StoredStatus | null {
  try {
    const { status, updated_at, queue, attempt, error, progress, result } = JSON.parse(text) as Record<string, unknown>;
    if (!isJobState(status) || typeof updated_at !== 'number') return null;
    return {
      state: status,
      queue: typeof queue === 'string' ? queue : '',
      updatedAt: updated_at * 1000,
      attempt: typeof attempt === 'number' ? attempt : 0,
      ...(typeof error === 'string' && { error }),
      ...(progress !== undefined && { progress: JSON.stringify(progress) }),
      ...(typeof result === 'string' && { result }),
    };
  } catch {
    return null;
  }
}

function toSecond(milliseconds: number): number {
  return Math.floor(milliseconds / 1000) * 1000;
}
