import { randomBytes } from 'node:crypto';
import type { PollRequest, PollResult } from '../queue-driver.interface.js';
import type { LeaseTerms } from './heartbeat-thread.js';
import type { QueueKeys } from './keys.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { heartbeatScript } from './scripts/heartbeat.script.js';
import { leaveScript } from './scripts/leave.script.js';
import { pollScript } from './scripts/poll.script.js';
import { decodePoll, encodeSettlements } from './poll-codec.js';
import { SettlementMemory } from './settlement-memory.js';

/** The most delayed jobs that one poll makes ready. */
const PROMOTED = 200;
/** The most jobs that one poll takes over from a lost consumer. */
const REAPED = 50;

/** What the poll script replies first: done, or the server has forgotten polls. */
const DONE = 1;
const FORGOTTEN = 2;

/** What the poll script replies: a code, and what belongs to it. */
type Reply = readonly [code: number, last: number, ...unknown[]];

/** A poll that was carried out. */
export interface Answer {
  readonly result: PollResult;
  /** By the server's clock, in milliseconds. */
  readonly now: number;
}

/**
 * One consumer, as the server knows it, from its first poll until it leaves or is given up:
 *
 * 1. numbers its polls, and sends one again, under its number, until it is answered;
 * 2. tells a server again what that has forgotten.
 */
export class RedisLease {
  readonly id = randomBytes(9).toString('base64url');
  private readonly keys: QueueKeys & { readonly claimed: string; readonly polls: string };
  private readonly memory = new SettlementMemory();
  /** Of the last poll. */
  private number = 0;
  /** Of the last poll that was answered. */
  private answered = 0;

  constructor(
    private readonly queue: string,
    private readonly terms: LeaseTerms,
    private readonly toolkit: RedisToolkit,
  ) {
    const keys = toolkit.keys.of(queue);
    this.keys = { ...keys, claimed: keys.claimedPrefix + this.id, polls: keys.pollsPrefix + this.id };
  }

  /** Whether the server may know it. */
  get isKnown(): boolean {
    return this.number > 0;
  }

  /**
   * Settles and claims. Where the server turns out to have forgotten earlier polls, it is told those first.
   *
   * @returns null where it has been given up: nothing was done
   */
  async poll(request: PollRequest): Promise<Answer | null> {
    let reply = await this.send(request);
    while (reply[0] === FORGOTTEN && (await this.tellAgain(reply[1]))) reply = await this.send(request);
    if (reply[0] !== DONE) return null;
    this.answered = this.number;
    this.memory.keep(this.number, request.settlements);
    return decodePoll(reply);
  }

  /** Prolongs the lease. Resolves with whether there was one. */
  async beat(): Promise<boolean> {
    const { keys, terms } = this;
    const input = { keys, args: { consumer: this.id, ...terms } };
    const reply = await this.toolkit.commands.run(heartbeatScript, input, 'once', this.queue);
    return reply !== 0;
  }

  /** Gives up the lease, if nothing is held under it. */
  async leave(): Promise<void> {
    const input = { keys: this.keys, args: { consumer: this.id } };
    await this.toolkit.commands.run(leaveScript, input, 'once', this.queue);
  }

  /**
   * Tells a server once more what it has forgotten. What it still knows of these jobs comes right by that; those whose claim
   * it has forgotten too are not held any more, whatever is told of them.
   *
   * @param number the last poll that it knows of
   * @returns whether that could be done
   */
  private async tellAgain(number: number): Promise<boolean> {
    const settlements = this.memory.after(number);
    if (!settlements) return false;
    this.answered = number;
    const [code] = await this.send({ settlements, limit: 0, recovered: false });
    if (code !== DONE) return code === FORGOTTEN;
    this.answered = this.number;
    this.memory.drop(number);
    this.memory.keep(this.number, settlements);
    return true;
  }

  /** Sends one poll, until it is answered: also when nobody waits any more, as what has been sent once may have been done. */
  private async send(request: PollRequest): Promise<Reply> {
    const { commands, statusTtl } = this.toolkit;
    const { completed, rest } = encodeSettlements(request.settlements);
    const input = {
      keys: this.keys,
      args: {
        consumer: this.id,
        number: ++this.number,
        answered: this.answered,
        ...this.terms,
        limit: request.limit,
        takesRecovered: request.recovered ? 1 : 0,
        promoted: PROMOTED,
        reaped: REAPED,
        completed,
        statusPrefix: this.keys.statusPrefix,
        statusTtl,
        queue: this.queue,
        claimedPrefix: this.keys.claimedPrefix,
        pollsPrefix: this.keys.pollsPrefix,
      },
      rest,
    };
    return (await commands.run(pollScript, input, 'forever', this.queue)) as Reply;
  }
}
