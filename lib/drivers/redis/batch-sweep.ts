import { grouped } from '../../support/grouped.js';
import { slices } from '../../support/slices.js';
import { STOP_REASON } from '../queue-batches.interface.js';
import { readDue, readMembers, type Member } from './flow-codec.js';
import type { FlowRelay } from './flow-relay.js';
import type { RedisCancellations } from './redis-cancellations.js';
import { flowArgs, type RedisToolkit } from './redis-toolkit.js';
import { sweepBatchScript } from './scripts/batch-pages.script.js';
import { STOPPED } from './scripts/flow-table.js';
import { stopMembersScript } from './scripts/stop-members.script.js';
import { SEARCHED } from './scripts/parts/stale.part.js';

/** The most jobs that one script stops: of each it has to be known whether a consumer holds it. */
const MOST_STOPPED = 50;
/** In place of the number of a member: where the last process was; all members were dealt with. */
const [RESUME, ALL] = [-1, -2];

/**
 * Goes over the members of a batch that was stopped: cancels all that live if it was cancelled, and those that have not started if a member has
 * failed. If the process dies meanwhile, the next one that tells the batch of an end continues where it was.
 */
export class BatchSweep {
  constructor(
    private readonly toolkit: RedisToolkit,
    private readonly cancellations: RedisCancellations,
    private readonly relay: () => FlowRelay,
  ) {}

  async run(ref: string): Promise<void> {
    for (let from = RESUME; ;) {
      const next = await this.page(ref, from);
      // Only the second time the storage has noted that all were dealt with.
      if (from === ALL && next === ALL) return;
      from = next;
    }
  }

  /** Cancels members that have not started, since another one has failed. */
  async stop(queue: string, ids: readonly string[]): Promise<void> {
    const { commands, statusTtl, keys, retention } = this.toolkit;
    const { completed: completedTtl, failed: failedTtl, maxCompleted } = retention(queue);
    const own = keys.of(queue);
    const { claimedPrefix, statusPrefix } = own;
    const kept = { statusTtl, completedTtl, failedTtl, maxCompleted };
    const args = {
      reasonText: JSON.stringify(STOP_REASON),
      searched: SEARCHED,
      claimedPrefix,
      statusPrefix,
      queue,
      ...kept,
    };
    for (const slice of slices(ids, MOST_STOPPED)) {
      for (let rest = slice; rest.length > 0;) {
        const looked = Number(await commands.run(stopMembersScript, { keys: own, args, rest }, 'deadline', queue));
        rest = rest.slice(Math.max(looked, 1));
      }
    }
  }

  /** Deals with some members. @returns where the next ones begin */
  private async page(ref: string, from: number): Promise<number> {
    const { commands, keys } = this.toolkit;
    const input = { keys: { flow: keys.ofFlow(ref) }, args: { ...flowArgs(this.toolkit), ref, from } };
    const [next, ...values] = (await commands.run(sweepBatchScript, input, 'deadline')) as [number, ...unknown[]];
    const reply = readDue(values);
    const [stopped, reason, createdAt, ...members] = reply.rest;
    await this.end(readMembers(ref, Number(createdAt), members), stopped!, reason!);
    await this.relay().act(reply);
    return next;
  }

  private async end(members: readonly Member[], stopped: string, reason: string): Promise<void> {
    for (const [queue, all] of grouped(members, (member) => member.queue)) {
      const ids = all.map(({ id }) => id);
      if (stopped === STOPPED.failed) await this.stop(queue, ids);
      else await this.cancellations.cancelSome(queue, ids, 0, reason === '' ? undefined : reason);
      // Perhaps nobody polls the queue.
      await this.relay().look(queue);
    }
  }
}
