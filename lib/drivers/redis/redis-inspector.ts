import type { JobState } from '../../job/job-status.js';
import { isJobState } from '../../job/job-status.js';
import type { QueueCounts, StoredStatus } from '../queue-driver.interface.js';
import type { ScriptDefinition, ScriptInput } from './scripts/script.js';
import type { RedisClient } from './redis-clients.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { clearScript } from './scripts/clear.script.js';
import { countsScript } from './scripts/counts.script.js';
import { inspectScript } from './scripts/inspect.script.js';
import { setStatusScript } from './scripts/set-status.script.js';

/** How many jobs one call of the clear script looks at: it reads their records, which may be long. */
const CLEARED = 100;
/** How many new jobs may stand in front of old ones that are ready, as a worker gave them back; all others are behind. */
const GIVEN_BACK = 1_000;
/** Where jobs wait, as the clear script calls it. Those that are due go from the first place to the second, never back. */
const PLACES = ['delayed', 'ready', 'recovered'] as const;

/** The side of the driver that answers questions about queues and jobs, and clears them. */
export class RedisInspector {
  constructor(private readonly toolkit: RedisToolkit) {}

  async queues(): Promise<string[]> {
    const { queues } = this.toolkit.keys;
    const names = await this.ask((client) => client.smembers(queues), queues);
    return names.toSorted();
  }

  async counts(queue: string): Promise<QueueCounts> {
    const { ready, delayed, reserved, failed } = await this.look(queue);
    return { ready, delayed, reserved, failed };
  }

  /** Resolves when the server answers. */
  async ping(): Promise<void> {
    await this.ask((client) => client.ping(), '');
  }

  /**
   * Drops what was pushed until now; others may push all the while. Of a call that was sent again, since its answer was
   * lost, the count is not known and left out.
   */
  async clear(queue: string): Promise<number> {
    const { now } = await this.look(queue);
    let dropped = 0;
    for (const place of PLACES) dropped += await this.clearPlace(queue, place, now);
    return dropped;
  }

  private async clearPlace(queue: string, place: (typeof PLACES)[number], pushedBy: number): Promise<number> {
    const keys = this.toolkit.keys.of(queue);
    let dropped = 0;
    let before = 0;
    let skip = 0;
    for (;;) {
      const args = { place, pushedBy, skip, limit: CLEARED, statusPrefix: keys.statusPrefix };
      const reply = await this.run(queue, clearScript, { keys, args });
      const [seen, stay, gone] = reply as [number, number, number];
      dropped += gone;
      skip += stay;
      if (seen > 0 && (place === 'delayed' || stay < seen || skip < GIVEN_BACK)) continue;
      // New ones that were left in front may have gone meanwhile, so that some old ones were skipped.
      if (skip === 0 || dropped === before) return dropped;
      before = dropped;
      skip = 0;
    }
  }

  async getStatus(id: string): Promise<StoredStatus | null> {
    const queues = await this.queues();
    const status = (await this.readStatuses(id, queues)) ?? (await this.inspectAll(id, queues));
    // It may have begun, or ended, in between.
    const known = status ?? (await this.readStatuses(id, queues));
    return known?.state === 'delayed' && (await this.isDue(known.queue, id)) ? { ...known, state: 'queued' } : known;
  }

  async setStatus(id: string, state: JobState, error?: string): Promise<void> {
    if (this.toolkit.statusTtl === 0) return;
    const known = await this.getStatus(id);
    const queue = known?.queue ?? '';
    const args = {
      state,
      queue,
      attempt: known?.attempt ?? 0,
      errorText: error === undefined ? '' : JSON.stringify(error),
      statusTtl: this.toolkit.statusTtl,
    };
    const keys = { status: this.toolkit.keys.of(queue).statusPrefix + id };
    await this.run(queue, setStatusScript, { keys, args });
  }

  /** One key, or in a cluster one for each queue: a job's status lives in the slot of its queue. */
  private statusKeys(id: string, queues: readonly string[]): string[] {
    const prefixes = ['', ...queues].map((queue) => this.toolkit.keys.of(queue).statusPrefix);
    return [...new Set(prefixes)].map((prefix) => prefix + id);
  }

  private async readStatuses(id: string, queues: readonly string[]): Promise<StoredStatus | null> {
    const stored = await Promise.all(this.statusKeys(id, queues).map((key) => this.readStatus(key)));
    return stored.find((status) => status !== null) ?? null;
  }

  /** A queue that cannot be asked is of no matter, unless it may be the one that has the job. */
  private async inspectAll(id: string, queues: readonly string[]): Promise<StoredStatus | null> {
    let failure: Error | undefined;
    const inspected = await Promise.all(
      queues.map((queue) =>
        this.inspect(queue, id).catch((error: Error) => {
          failure = error;
          return null;
        }),
      ),
    );
    const found = inspected.find((status) => status !== null);
    if (!found && failure) throw failure;
    return found ?? null;
  }

  /** Whether a job waits no more for its time: its stored status is not touched when it becomes ready. */
  private async isDue(queue: string, id: string): Promise<boolean> {
    const { delayed, jobs } = this.toolkit.keys.of(queue);
    const [time, isStored] = await Promise.all([
      this.ask((client) => client.zscore(delayed, id), delayed),
      this.ask((client) => client.hexists(jobs, id), jobs),
    ]);
    return time === null && isStored === 1;
  }

  private async readStatus(key: string): Promise<StoredStatus | null> {
    const text = await this.ask((client) => client.get(key), key);
    return text === null ? null : parseStatus(text);
  }

  private async inspect(queue: string, id: string): Promise<StoredStatus | null> {
    const keys = this.toolkit.keys.of(queue);
    const args = { id, claimedPrefix: keys.claimedPrefix };
    const reply = await this.run(queue, inspectScript, { keys, args });
    const [state, updatedAt, attempt] = reply as [string?, string?, number?];
    if (!isJobState(state)) return null;
    return { state, queue, updatedAt: toSecond(Number(updatedAt)), attempt: attempt ?? 0 };
  }

  private async look(queue: string): Promise<QueueCounts & { readonly now: number }> {
    const keys = this.toolkit.keys.of(queue);
    const args = { claimedPrefix: keys.claimedPrefix, statusTtl: this.toolkit.statusTtl };
    const reply = await this.run(queue, countsScript, { keys, args });
    const [ready, delayed, reserved, failed, now] = reply as [number, number, number, number, number];
    return { ready, delayed, reserved, failed, now };
  }

  private async run<Key extends string, Arg extends string>(
    queue: string,
    script: ScriptDefinition<Key, Arg>,
    input: ScriptInput<Key, Arg>,
  ): Promise<unknown> {
    return this.toolkit.commands.run(script, input, 'deadline', queue);
  }

  private async ask<T>(send: (client: RedisClient) => Promise<T>, key: string): Promise<T> {
    return this.toolkit.commands.call(send, 'deadline', { key });
  }
}

/** What stands under a status key; `null` for what is not of this library's making. */
function parseStatus(text: string): StoredStatus | null {
  try {
    const { status, updated_at, queue, attempt, error } = JSON.parse(text) as Record<string, unknown>;
    if (!isJobState(status) || typeof updated_at !== 'number') return null;
    return {
      state: status,
      queue: typeof queue === 'string' ? queue : '',
      updatedAt: updated_at * 1000,
      attempt: typeof attempt === 'number' ? attempt : 0,
      ...(typeof error === 'string' && { error }),
    };
  } catch {
    return null;
  }
}

function toSecond(milliseconds: number): number {
  return Math.floor(milliseconds / 1000) * 1000;
}
