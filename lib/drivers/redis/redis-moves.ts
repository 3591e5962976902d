import { randomBytes } from 'node:crypto';
import { QueueConnectionError } from '../../queue.errors.js';
import { slices } from '../../support/slices.js';
import { ANSWER_TTL } from './answer-ttl.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { endMoveScript, moveInScript, moveOutScript, refuseMoveScript } from './scripts/move.script.js';
import { ALL_REFUSED, MOVE_CALL } from './scripts/parts/move-out.part.js';

/** The most jobs of one move. */
const MOVED = 100;
/** The bytes of records after which a move takes no further job. */
const MOVED_BYTES = 1_000_000;
/** How long a refusal is remembered in the target queue, in milliseconds: longer than a message may be under way. */
const REFUSED_FOR = 86_400_000;
/** The number of moves that are looked for at once. */
const LOOKED_FOR = 100;

/** A job on its way. */
interface MovingJob {
  readonly id: string;
  /** The record, with the time of the push. */
  readonly record: string;
  /** The name; empty if the id was generated. */
  readonly name: string;
  readonly failures: string;
  readonly log: string;
  readonly traits: string;
}

/** The values of a job in the reply of `move out`. */
type MovingValues = [id: string, record: string, name: string, failures: string, log: string, traits: string];
const VALUES_OF_JOB = 6;

/** Puts failed jobs into another queue, in three steps: see the script part `move out`. */
export class RedisMoves {
  constructor(private readonly toolkit: RedisToolkit) {}

  /** See `QueueMending.move`. */
  async move(queue: string, ids: readonly string[], target: string): Promise<number> {
    let count = 0;
    for (let at = 0; at < ids.length;) {
      const { looked, moved } = await this.moveSome(queue, ids.slice(at, at + MOVED), target);
      count += moved;
      at += looked;
    }
    return count;
  }

  /**
   * Ends the moves of a queue that have not ended, because their process died, or works on them now. Of each the target queue
   * decides: jobs that have arrived stay there, the others are failed jobs of this queue again.
   *
   * @returns true if there were any
   */
  async end(queue: string): Promise<boolean> {
    const { commands, keys } = this.toolkit;
    const key = keys.of(queue).moves;
    for (let hasEnded = false; ; hasEnded = true) {
      const found = await commands.call((client) => client.hrandfield(key, LOOKED_FOR, 'WITHVALUES'), 'deadline', {
        key,
        queue,
      });
      const values = found as string[];
      if (values.length === 0) return hasEnded;
      for (let at = 0; at < values.length; at += 2) {
        const target = values[at + 1]!.split(' ', 1)[0]!;
        await this.endOne(queue, values[at]!, target);
      }
    }
  }

  private async moveSome(queue: string, ids: readonly string[], target: string) {
    const move = randomBytes(9).toString('base64url');
    const { looked, seconds, jobs } = await this.takeOut(queue, ids, target, move);
    if (jobs.length === 0) return { looked, moved: 0 };
    let refused: readonly string[];
    try {
      refused = await this.bringIn(target, jobs, move, seconds);
    } catch (error) {
      // Without a server there is nothing to do: who comes next ends the move.
      if (!(error instanceof QueueConnectionError)) await this.endOne(queue, move, target).catch(() => undefined);
      throw error;
    }
    await this.close(queue, move, refused);
    const moved = refused[0] === ALL_REFUSED ? 0 : jobs.length - refused.length;
    return { looked, moved };
  }

  private async takeOut(queue: string, ids: readonly string[], target: string, move: string) {
    const { commands, keys, retention } = this.toolkit;
    const own = keys.of(queue);
    const args = {
      move,
      target,
      queue,
      statusPrefix: own.statusPrefix,
      failedTtl: retention(queue).failed,
      answerTtl: ANSWER_TTL,
      most: MOVED_BYTES,
    };
    const input = { keys: { ...own, answer: own.callPrefix + move }, args, rest: ids };
    const reply = await commands.run(moveOutScript, input, 'deadline', queue);
    const [looked, seconds, ...values] = reply as [number, number, ...string[]];
    const jobs = slices(values, VALUES_OF_JOB).map((part): MovingJob => {
      const [id, record, name, failures, log, traits] = part as MovingValues;
      return { id, record, name, failures, log, traits };
    });
    return { looked, seconds, jobs };
  }

  /** @returns the refused ids, or {@link ALL_REFUSED} */
  private async bringIn(target: string, jobs: readonly MovingJob[], move: string, seconds: number) {
    const { commands, keys, statusTtl } = this.toolkit;
    // The name has to be there before the jobs.
    const names = { key: keys.queues, queue: target };
    await commands.call((client) => client.sadd(keys.queues, target), 'deadline', names);
    const own = keys.of(target);
    const { statusPrefix } = own;
    const args = {
      call: MOVE_CALL,
      producerTtl: seconds * 1000,
      answered: 0,
      queue: target,
      statusPrefix,
      statusTtl,
      othersBase: keys.othersBase,
    };
    const rest = jobs.flatMap(({ id, record, name, failures, log, traits }) => [
      id,
      0,
      record,
      name,
      failures,
      log,
      traits,
    ]);
    const input = { keys: { ...own, producer: own.producerPrefix + move }, args, rest };
    return (await commands.run(moveInScript, input, 'deadline', target)) as string[];
  }

  private async endOne(queue: string, move: string, target: string): Promise<void> {
    const producer = this.toolkit.keys.of(target).producerPrefix + move;
    const input = { keys: { producer }, args: { producerTtl: REFUSED_FOR } };
    const refused = await this.toolkit.commands.run(refuseMoveScript, input, 'deadline', target);
    await this.close(queue, move, refused as string[]);
  }

  private async close(queue: string, move: string, refused: readonly string[]): Promise<void> {
    const { commands, keys, retention, statusTtl } = this.toolkit;
    const own = keys.of(queue);
    const { statusPrefix, movedPrefix, claimedPrefix } = own;
    const { completed: completedTtl, failed: failedTtl } = retention(queue);
    const { othersBase } = keys;
    // A kept status leads to the job, except in a cluster.
    const leads = othersBase === '' || statusTtl === 0 ? 1 : 0;
    const args = {
      move,
      queue,
      statusPrefix,
      movedPrefix,
      othersBase,
      leads,
      claimedPrefix,
      completedTtl,
      failedTtl,
    };
    await commands.run(endMoveScript, { keys: own, args, rest: refused }, 'deadline', queue);
  }
}
