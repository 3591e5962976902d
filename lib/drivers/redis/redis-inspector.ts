import { isEnd, type JobState } from '../../job/job-status.js';
import type { QueueCounts, StoredStatus } from '../queue-driver.interface.js';
import { encodeLimits } from './limits-codec.js';
import { QueueNames } from './queue-names.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { clearGroupsScript, clearScript } from './scripts/clear.script.js';
import { countsScript } from './scripts/counts.script.js';
import type { ScriptDefinition, ScriptInput } from './scripts/script.js';
import { setStatusScript } from './scripts/set-status.script.js';
import { StatusFinder } from './status-finder.js';

/** The number of jobs that one call of the clear script reads: their records may be long. */
const CLEARED = 100;
/**
 * The most new jobs that may stand in front of old ready jobs, because a worker requeued them; all other new jobs are
 * behind.
 */
const REQUEUED = 1_000;
/**
 * The places where jobs wait, as the clear script names them. Due jobs go from the first place to one of the others, never
 * back.
 */
const PLACES = ['delayed', 'prioritized', 'ready', 'recovered'] as const;

/** The side of the driver that answers questions about queues and jobs, writes statuses, and clears queues. */
export class RedisInspector {
  readonly names: QueueNames;
  private readonly statuses: StatusFinder;

  constructor(private readonly toolkit: RedisToolkit) {
    this.names = new QueueNames(toolkit);
    this.statuses = new StatusFinder(toolkit, this.names);
  }

  async queues(): Promise<string[]> {
    return [...(await this.names.read())];
  }

  async counts(queue: string): Promise<QueueCounts> {
    const { ready, blocked, delayed, reserved, failed } = await this.readCounts(queue);
    return { ready, blocked, delayed, reserved, failed };
  }

  /**
   * Resolves when the server answers.
   *
   * @param timeout milliseconds. Default: the request deadline
   */
  async ping(timeout?: number): Promise<void> {
    await this.toolkit.commands.call((client) => client.ping(), 'deadline', { deadline: timeout });
  }

  async getStatus(id: string): Promise<StoredStatus | null> {
    return this.statuses.find(id);
  }

  /** Returns the queues where a job went that left one of these queues. */
  async movedFrom(queues: readonly string[], id: string): Promise<readonly string[]> {
    return this.statuses.movedFrom(queues, id);
  }

  async setStatus(id: string, state: JobState, error?: string): Promise<void> {
    const { keys } = this.toolkit;
    const known = await this.statuses.find(id);
    const queue = known?.queue ?? '';
    const statusTtl = this.statusTimeOf(queue, state);
    if (statusTtl === 0) return;
    const errorText = error === undefined ? '' : JSON.stringify(error);
    const args = { state, queue, attempt: known?.attempt ?? 0, errorText, statusTtl };
    await this.run(queue, setStatusScript, { keys: { status: keys.of(queue).statusPrefix + id }, args });
  }

  /** Returns how long a status is kept that the application writes, in seconds. */
  private statusTimeOf(queue: string, state: JobState): number {
    const { statusTtl, retention } = this.toolkit;
    if (queue === '' || !isEnd(state)) return statusTtl;
    const { completed, failed } = retention(queue);
    return state === 'failed' ? failed : completed;
  }

  /**
   * Drops the jobs that were pushed until now; other clients may push meanwhile. If a call was sent again because its
   * answer was lost, its jobs are not counted.
   */
  async clear(queue: string): Promise<number> {
    const { now } = await this.readCounts(queue);
    let dropped = 0;
    // Due jobs go from the first place to one of the others, also to the groups.
    for (const place of PLACES) dropped += await this.clearPlace(queue, place, now);
    return dropped + (await this.clearGroups(queue, now));
  }

  private async clearPlace(queue: string, place: (typeof PLACES)[number], pushedBy: number): Promise<number> {
    const keys = this.toolkit.keys.of(queue);
    let dropped = 0;
    let before = 0;
    let skip = 0;
    for (;;) {
      const { completed: completedTtl, failed: failedTtl } = this.toolkit.retention(queue);
      const { statusPrefix, claimedPrefix } = keys;
      const kept = { completedTtl, failedTtl, claimedPrefix };
      const args = { place, pushedBy, skip, limit: CLEARED, statusPrefix, queue, ...kept };
      const reply = await this.run(queue, clearScript, { keys, args });
      const [seen, stay, gone] = reply as [number, number, number];
      dropped += gone;
      skip += stay;
      if (seen > 0 && (place === 'delayed' || place === 'prioritized' || stay < seen || skip < REQUEUED)) continue;
      // New jobs that stayed in front may be gone in the meantime: then the script skipped some old jobs.
      if (skip === 0 || dropped === before) return dropped;
      before = dropped;
      skip = 0;
    }
  }

  /** Drops ready jobs with a group. A group that has one all the time is met, whatever becomes of the other groups. */
  private async clearGroups(queue: string, pushedBy: number): Promise<number> {
    const { keys, commands, retention } = this.toolkit;
    const own = keys.of(queue);
    const { completed: completedTtl, failed: failedTtl } = retention(queue);
    const { statusPrefix, claimedPrefix } = own;
    const common = { pushedBy, limit: CLEARED, statusPrefix, queue, claimedPrefix, completedTtl, failedTtl };
    let dropped = 0;
    let cursor = '0';
    do {
      const target = { key: own.groups, queue };
      const position = cursor;
      const scan = await commands.call(
        (client) => client.hscan(own.groups, position, 'COUNT', CLEARED),
        'deadline',
        target,
      );
      const [next, entries] = scan;
      cursor = next;
      let names = entries.filter((name, index) => index % 2 === 0 && name !== '');
      let skip = 0;
      while (names.length > 0) {
        const args = { ...common, skip };
        const reply = await this.run(queue, clearGroupsScript, { keys: own, args, rest: names });
        const [done, stay, gone] = reply as [number, number, number];
        names = names.slice(done);
        skip = stay;
        dropped += gone;
      }
    } while (cursor !== '0');
    return dropped;
  }

  private async readCounts(queue: string): Promise<QueueCounts & { readonly now: number }> {
    const { keys, retention, limits } = this.toolkit;
    const own = keys.of(queue);
    const { claimedPrefix } = own;
    const args = { claimedPrefix, failedTtl: retention(queue).failed, ownLimits: encodeLimits(limits(queue)) };
    const reply = await this.run(queue, countsScript, { keys: own, args });
    const [ready, delayed, reserved, failed, now, blocked] = reply as [number, number, number, number, number, number];
    return { ready, blocked, delayed, reserved, failed, now };
  }

  private run<Key extends string, Arg extends string>(
    queue: string,
    script: ScriptDefinition<Key, Arg>,
    input: ScriptInput<Key, Arg>,
  ): Promise<unknown> {
    return this.toolkit.commands.run(script, input, 'deadline', queue);
  }
}
