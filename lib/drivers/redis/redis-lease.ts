import { randomBytes } from 'node:crypto';
import type { JobNote } from '../../job/attempt-desk.interface.js';
import type { ClaimedJob, PollRequest, PollResult, Settlement } from '../queue-driver.interface.js';
import type { QueueRetention } from '../queue-retention.interface.js';
import type { Outbox } from './flow-codec.js';
import type { LeaseTerms } from './heartbeat-thread.js';
import type { QueueKeys } from './keys.js';
import { encodeLimits } from './limits-codec.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { heartbeatScript } from './scripts/heartbeat.script.js';
import { leaveScript } from './scripts/leave.script.js';
import { noteScript } from './scripts/note.script.js';
import { WHOLE } from './scripts/compose-short.js';
import { POLL_FORMS, pollScript, shortPollScript } from './scripts/poll.script.js';
import { encodeNote, encodeSettlements, readPoll, toResult, type PollReply } from './poll-codec.js';
import { firstPart, inSendingOrder } from './poll-limits.js';
import { SettlementMemory } from './settlement-memory.js';

/** The code in the reply of the poll script if it executed the poll. */
const DONE = 1;
const FORGOTTEN = 2;
const EARLY = 3;
const OLD = -1;

/** The answer to a poll that was executed. */
export interface Answer {
  readonly result: PollResult;
  /** The time on the clock of the server, in milliseconds. */
  readonly now: number;
  /** The outbox that this consumer has to hand over to flows; missing if it is empty, or if another process has it. */
  readonly outbox: Outbox | undefined;
}

/** What the server tells in reply to a heartbeat: `called`, if the consumer has to poll because there is news for it. */
export type Pulse = 'lost' | 'alive' | 'called';

/** A poll that is in flight. */
interface PollInFlight {
  /** 0 before it is sent. */
  number: number;
  /** True if it was sent, and the server has not refused it so far: then the next poll can be sent behind it. */
  isSteady: boolean;
  /** The poll that was requested before, if it was in flight then. */
  before: PollInFlight | undefined;
  hasEnded: boolean;
  wasExecuted: boolean;
  ending: Promise<Answer | null>;
}

const NOTHING: PollRequest = { settlements: [], limit: 0, recovered: false };

/**
 * One consumer, as the server knows it, from its first poll until it leaves or is lost:
 *
 * 1. numbers its polls, and sends each poll again, under its number, until it is answered;
 * 2. keeps two polls in flight, and lets the server execute them in the order in which they were requested;
 * 3. replays to a server the settlements that the server has forgotten.
 *
 * The server keeps the answers to the last two polls. A poll that was sent behind another poll names that poll
 * (`after`). If the server has not executed the earlier poll, it refuses the later poll as too early, and the later
 * poll waits here until the earlier poll has ended. The first poll of all is alone, because it makes the consumer
 * known.
 */
export class RedisLease {
  readonly id = randomBytes(9).toString('base64url');
  private readonly keys: QueueKeys & { readonly claimed: string; readonly polls: string };
  private readonly retention: QueueRetention;
  private readonly lowEach: number;
  private readonly ownLimits: string;
  private readonly memory = new SettlementMemory();
  /** The number of the last poll that was sent. */
  private number = 0;
  /** All polls up to this number were answered, or not executed. */
  private answered = 0;
  /** The id of the pause in the last reply; empty without one. */
  private obeyed = '';
  /** The number of the form of the poll script that does for this queue, as the last reply told. The shortest form tells no number: the lease keeps it until the server asks for the whole script. */
  private form = 0;
  /** Ordered as they were requested. */
  private readonly inFlight: PollInFlight[] = [];

  constructor(
    private readonly queue: string,
    private readonly terms: LeaseTerms,
    private readonly toolkit: RedisToolkit,
  ) {
    const keys = toolkit.keys.of(queue);
    this.retention = toolkit.retention(queue);
    this.lowEach = toolkit.lowPriorityEach(queue);
    this.ownLimits = encodeLimits(toolkit.limits(queue));
    this.keys = { ...keys, claimed: keys.claimedPrefix + this.id, polls: keys.pollsPrefix + this.id };
  }

  /** True if the server may know it. */
  get isKnown(): boolean {
    return this.number > 0;
  }

  /**
   * Settles and claims. If the server has forgotten earlier polls, first replays their settlements.
   *
   * @returns null if the consumer was lost: nothing was done
   */
  poll(request: PollRequest): Promise<Answer | null> {
    const poll: PollInFlight = {
      number: 0,
      isSteady: false,
      before: this.inFlight.findLast(({ hasEnded }) => !hasEnded),
      hasEnded: false,
      wasExecuted: false,
      ending: NEVER,
    };
    this.inFlight.push(poll);
    poll.ending = this.carryOut(request, poll);
    return poll.ending;
  }

  /**
   * Prolongs the lease.
   *
   * @param next milliseconds until the next heartbeat
   */
  async beat(next: number): Promise<Pulse> {
    const { keys, terms } = this;
    const args = { consumer: this.id, ...terms, next, claimedPrefix: keys.claimedPrefix };
    const reply = await this.toolkit.commands.run(heartbeatScript, { keys, args }, 'once', this.queue);
    if (reply === 0) return 'lost';
    return reply === 2 ? 'called' : 'alive';
  }

  /** Stores what a job tells. @returns false if this consumer does not hold the job under this fencing token */
  async note(id: string, fence: number, number: number, note: JobNote): Promise<boolean> {
    const { commands, keys } = this.toolkit;
    const rest = encodeNote(id, fence, note);
    const status = keys.of(this.queue).statusPrefix + id;
    const input = { keys: { ...this.keys, status }, args: { id, fence, number, values: rest.length / 3 }, rest };
    return (await commands.run(noteScript, input, 'forever', this.queue)) === 1;
  }

  /** Requeues jobs that no worker took, and ends the lease. */
  async leave(jobs: readonly ClaimedJob[]): Promise<void> {
    let left: readonly Settlement[] = inSendingOrder(jobs.map(requeue));
    while (left.length > 0) {
      const settlements = firstPart(left);
      await this.poll({ ...NOTHING, settlements });
      left = left.slice(settlements.length);
    }
    const input = { keys: this.keys, args: { consumer: this.id } };
    await this.toolkit.commands.run(leaveScript, input, 'once', this.queue);
  }

  private async carryOut(request: PollRequest, poll: PollInFlight): Promise<Answer | null> {
    try {
      if (poll.before && !this.canFollow(poll.before)) await this.endOf(poll);
      if (this.memory.hasForgotten && !(await this.replay())) return null;
      return await this.sendUntilDone(request, poll);
    } finally {
      poll.hasEnded = true;
      poll.before = undefined;
      while (this.inFlight[0]?.hasEnded) {
        const { wasExecuted, number } = this.inFlight.shift()!;
        if (wasExecuted) this.answered = Math.max(this.answered, number);
      }
    }
  }

  private canFollow(before: PollInFlight): boolean {
    // The server keeps the answers to the last two polls: the polls in flight have to be the last two.
    const isAlone = before.before?.hasEnded !== false && before.number === this.number;
    return isAlone && before.isSteady && this.answered > 0 && !this.memory.hasForgotten;
  }

  private async sendUntilDone(request: PollRequest, poll: PollInFlight): Promise<Answer | null> {
    poll.number = ++this.number;
    poll.isSteady = true;
    for (;;) {
      const reply = await this.send(request, poll.number, poll.before?.number);
      if (reply.code === DONE) {
        poll.wasExecuted = true;
        // The answer to the earlier poll may come later, if it has to be asked for again: jobs arrive in the order of their fencing tokens.
        if (poll.before) await this.endOf(poll);
        this.memory.keep(poll.number, request.settlements);
        this.obeyed = reply.pause;
        const outbox = reply.entries.length > 0 ? { token: reply.relay, entries: reply.entries } : undefined;
        return { result: toResult(reply), now: reply.now, outbox };
      }
      if (reply.code !== FORGOTTEN && reply.code !== EARLY && reply.code !== OLD) return null;
      poll.isSteady = false;
      // The earlier poll gets such a reply too, and replays for both: two replays at once would settle jobs in a wrong
      // order.
      const wasAlone = !poll.before;
      await this.endOf(poll);
      if (reply.code === FORGOTTEN && wasAlone) {
        if (!this.forget(reply.last) || !(await this.replay())) return null;
      }
      // An early poll keeps its number: a copy of it may still be on its way, and the server must not execute both.
      if (reply.code !== EARLY) poll.number = ++this.number;
    }
  }

  /** Waits until the earlier poll has ended, with or without an error. */
  private async endOf(poll: PollInFlight): Promise<void> {
    await poll.before?.ending.catch(ignore);
    poll.before = undefined;
  }

  /** @param number the last poll that the server knows. @returns true if all later settlements can be replayed */
  private forget(number: number): boolean {
    this.answered = number;
    return this.memory.forget(number);
  }

  /**
   * Replays settlements that the server lost in a failover or a crash. Jobs that it still lists as claimed are settled.
   * Jobs whose claim was lost too are refused, and run again.
   *
   * @returns true if the server accepted the replay
   */
  private async replay(): Promise<boolean> {
    while (this.memory.hasForgotten) {
      const number = ++this.number;
      const { code, last } = await this.send({ ...NOTHING, settlements: this.memory.nextForgotten() }, number);
      if (code === DONE) {
        this.answered = number;
        this.memory.replayed(number);
      } else if (code !== FORGOTTEN || !this.forget(last)) {
        return false;
      }
    }
    return true;
  }

  /**
   * Sends a poll until it is answered, even if no caller waits any more: a poll that was sent once may have been
   * executed.
   */
  private async send(request: PollRequest, number: number, after = 0): Promise<PollReply> {
    const { commands, statusTtl } = this.toolkit;
    const { completed: completedTtl, failed: failedTtl, maxCompleted, maxFailed } = this.retention;
    const { completed, values, rest, stats } = encodeSettlements(request.settlements);
    const input = {
      keys: this.keys,
      args: {
        consumer: this.id,
        number,
        answered: this.answered,
        after,
        ...this.terms,
        limit: request.limit,
        takesRecovered: request.recovered ? 1 : 0,
        lowEach: this.lowEach,
        obeyed: this.obeyed,
        ownLimits: this.ownLimits,
        values,
        completed,
        ...stats,
        statusPrefix: this.keys.statusPrefix,
        statusTtl,
        completedTtl,
        failedTtl,
        maxCompleted,
        maxFailed,
        queue: this.queue,
        claimedPrefix: this.keys.claimedPrefix,
      },
      rest,
    };
    const script = POLL_FORMS[this.form]!;
    const reply = readPoll(await commands.run(script, input, 'forever', this.queue), script);
    if (reply.code === DONE && script !== shortPollScript) this.form = reply.form;
    if (reply.code === WHOLE) {
      this.form = 0;
      return readPoll(await commands.run(pollScript, input, 'forever', this.queue));
    }
    return reply;
  }
}

const NEVER = new Promise<never>(() => undefined);

function ignore(): void {
  // The caller of that poll gets the error.
}

function requeue({ id, fence }: ClaimedJob): Settlement {
  return { kind: 'release', id, fence, delay: 0, position: 'front', unstarted: true };
}
