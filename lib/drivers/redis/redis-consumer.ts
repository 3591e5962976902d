import { randomBytes } from 'node:crypto';
import { QueueClosedError } from '../../queue.errors.js';
import type { Timer } from '../../support/clock.js';
import type {
  ClaimedJob,
  ConsumerOptions,
  QueueConsumer,
  Settlement,
  StepRequest,
  StepResult,
} from '../queue-driver.interface.js';
import type { BusyLoopGuard, GuardedLease, LeaseTerms } from './busy-loop-guard.js';
import type { QueueKeys } from './keys.js';
import { translateError } from './redis-errors.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { heartbeatScript } from './scripts/heartbeat.script.js';
import { leaveScript } from './scripts/leave.script.js';
import { stepScript } from './scripts/step.script.js';
import { decodeStep, encodeSettlements } from './step-codec.js';
import { StepMemory } from './step-memory.js';

/** The most delayed jobs that one step makes ready. */
const PROMOTED = 200;
/** The most jobs that one step takes over from a lost holder. */
const REAPED = 100;
/** The most jobs that one step claims, and the most that it settles. */
const MAX_JOBS = 1_000;
/** The pause before a step is sent again that the server could not serve at the moment, in milliseconds. */
const RETRY_PAUSE = 200;
/** How long the others get to speak after a silence, in milliseconds: at least as long as it takes to connect again. */
const SHORTEST_GRACE = 3_000;
/** How long a holder tries to sign off, in milliseconds. */
const LEAVE_DEADLINE = 1_000;

/** What the step script replies first: done, or the server has forgotten steps. */
const DONE = 1;
const FORGOTTEN = 2;

/** What the step script replies: a code, and what belongs to it. */
type Reply = readonly [code: number, last: number, ...unknown[]];

const LOST: StepResult = { lost: true, refused: [], jobs: [], orphans: [], more: true, suspects: false, nextDue: null };

/**
 * A holder of claimed jobs in Redis:
 *
 * 1. numbers its steps, and sends one again, under its number, until it is answered;
 * 2. begins anew, under another id, when it was given up, and tells a server again what that forgot;
 * 3. prolongs its lease while no step does;
 * 4. gives back, when it is closed, what a step brings that is answered too late, and signs off.
 */
export class RedisConsumer implements QueueConsumer {
  private readonly keys: QueueKeys;
  private worker = createWorkerId();
  /** Of the last step. */
  private number = 0;
  /** Of the last step that was answered. */
  private answered = 0;
  private readonly memory = new StepMemory();
  private closed = false;
  private heartbeat: Timer | undefined;
  private lastSign = 0;
  private guarded: GuardedLease | undefined;
  private underWay: Promise<Reply> | undefined;

  constructor(
    readonly queue: string,
    private readonly options: ConsumerOptions,
    private readonly toolkit: RedisToolkit,
    private readonly guard: BusyLoopGuard,
    private readonly onProcessed: (now: number) => void,
  ) {
    this.keys = toolkit.keys.of(queue);
  }

  get isClosed(): boolean {
    return this.closed;
  }

  async step(request: StepRequest): Promise<StepResult> {
    const { settlements } = request;
    const refused: string[] = [];
    let from = 0;
    for (; settlements.length - from > MAX_JOBS; from += MAX_JOBS) {
      const part = settlements.slice(from, from + MAX_JOBS);
      const result = await this.stepOnce({ settlements: part, limit: 0, suspects: false });
      if (result.lost) return { ...result, refused: settlements.map(({ id }) => id) };
      refused.push(...result.refused);
    }
    if (from === 0) return this.stepOnce(request);
    const result = await this.stepOnce({ ...request, settlements: settlements.slice(from) });
    return { ...result, refused: [...refused, ...result.refused] };
  }

  private async stepOnce(request: StepRequest): Promise<StepResult> {
    if (this.closed) throw new QueueClosedError();
    this.underWay = this.sendUntilKnown(request);
    let reply: Reply;
    try {
      reply = await this.underWay;
    } finally {
      this.underWay = undefined;
    }
    if (this.closed) throw new QueueClosedError();
    if (reply[0] !== DONE) {
      this.begin();
      return { ...LOST, refused: request.settlements.map((settlement) => settlement.id) };
    }
    const { result, now } = decodeStep(reply);
    this.answered = this.number;
    this.memory.keep(this.number, request.settlements);
    this.lastSign = this.toolkit.clock.now();
    this.keepAlive(result.jobs);
    if (request.settlements.some(isEnd)) this.onProcessed(now);
    return result;
  }

  /** Where the server is away nobody waits for the farewell; it is said when the server is back, if this driver lives on. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.stopKeepingAlive();
    const { connection, clock } = this.toolkit;
    if (this.number === 0 || (!connection.isReady && !this.underWay)) return;
    const leaving = this.leave();
    if (!connection.isReady) return;
    await new Promise<void>((resolve) => {
      const timer = clock.after(LEAVE_DEADLINE, resolve);
      void leaving.then(() => {
        timer.cancel();
        resolve();
      });
    });
  }

  /** Nobody takes what a step brings that is still under way. */
  private async leave(): Promise<void> {
    const { scripts } = this.toolkit;
    try {
      const reply = await this.underWay;
      const late = reply?.[0] === DONE ? decodeStep(reply).result.jobs : [];
      if (late.length > 0)
        await this.send({ settlements: late.map(giveBack), limit: 0, suspects: false }, ++this.number);
      await scripts.run(leaveScript, { keys: this.holderKeys(), args: { worker: this.worker } });
    } catch {
      // Its lease runs out by itself.
    }
  }

  /** Sends a step; where the server turns out to have forgotten earlier ones, those first. */
  private async sendUntilKnown(request: StepRequest): Promise<Reply> {
    let reply = await this.send(request, ++this.number);
    while (reply[0] === FORGOTTEN && (await this.tellAgain(reply[1]))) reply = await this.send(request, ++this.number);
    return reply;
  }

  /**
   * Tells a server once more what it has forgotten. What it still knows of these jobs comes right by that; those whose claim
   * it has forgotten too are not held any more, whatever is told of them.
   *
   * @param number the last step that it knows of
   * @returns whether that could be done
   */
  private async tellAgain(number: number): Promise<boolean> {
    const settlements = this.memory.after(number);
    if (!settlements) return false;
    this.answered = number;
    const [code] = await this.send({ settlements, limit: 0, suspects: false }, ++this.number);
    if (code !== DONE) return code === FORGOTTEN;
    this.answered = this.number;
    this.memory.drop(number);
    this.memory.keep(this.number, settlements);
    return true;
  }

  /** Resolves with the reply: a code, and what belongs to it. */
  private async send(request: StepRequest, number: number): Promise<Reply> {
    const { connection, scripts, clock, statusTtl } = this.toolkit;
    const { completed, rest } = encodeSettlements(request.settlements);
    const input = {
      keys: this.holderKeys(),
      args: {
        worker: this.worker,
        number,
        answered: this.answered,
        ...this.terms,
        limit: Math.min(request.limit, MAX_JOBS),
        suspect: request.suspects ? 1 : 0,
        promoted: PROMOTED,
        reaped: REAPED,
        completed,
        statusPrefix: this.keys.statusPrefix,
        statusTtl,
        queue: this.queue,
        claimedPrefix: this.keys.claimedPrefix,
        sessionPrefix: this.keys.sessionPrefix,
      },
      rest,
    };
    // Also when it is closed meanwhile: what has been sent once may have been done.
    for (;;) {
      try {
        return (await scripts.run(stepScript, input)) as Reply;
      } catch (raw) {
        if (raw instanceof QueueClosedError) throw raw;
        const failure = translateError(raw, { server: connection.address, queue: this.queue });
        if (!failure.transient) throw failure.error;
      }
      await new Promise<void>((resolve) => void clock.after(RETRY_PAUSE, resolve));
      await connection.whenReady(Infinity);
    }
  }

  private holderKeys() {
    return {
      ...this.keys,
      claimed: this.keys.claimedPrefix + this.worker,
      session: this.keys.sessionPrefix + this.worker,
    };
  }

  /** Milliseconds. */
  private get lease(): number {
    return Math.round(this.options.lease * 1000);
  }

  /** How often the lease is prolonged, in milliseconds: two signs of life may get lost. */
  private get interval(): number {
    return Math.round(this.lease / 3);
  }

  /** What each sign of life says, in milliseconds. */
  private get terms(): LeaseTerms {
    return { lease: this.lease, interval: this.interval, grace: Math.max(this.interval, SHORTEST_GRACE) };
  }

  private begin(): void {
    this.stopKeepingAlive();
    this.worker = createWorkerId();
    this.number = 0;
    this.answered = 0;
    this.memory.clear();
  }

  private keepAlive(claimed: readonly ClaimedJob[]): void {
    this.heartbeat ??= this.toolkit.clock.after(this.interval, this.beat);
    if (claimed.length > 0) {
      this.guarded ??= this.guard.add({ keys: this.keys, worker: this.worker, ...this.terms });
    }
  }

  private stopKeepingAlive(): void {
    this.heartbeat?.cancel();
    this.heartbeat = undefined;
    this.guarded?.remove();
    this.guarded = undefined;
  }

  private readonly beat = (): void => {
    const quiet = this.toolkit.clock.now() - this.lastSign;
    if (quiet < this.interval) {
      this.heartbeat = this.toolkit.clock.after(this.interval - quiet, this.beat);
      return;
    }
    void this.sendHeartbeat(this.worker);
  };

  private async sendHeartbeat(worker: string): Promise<void> {
    let alive = true;
    try {
      const reply = await this.toolkit.scripts.run(heartbeatScript, {
        keys: this.keys,
        args: { worker, ...this.terms },
      });
      alive = reply !== 0;
      this.lastSign = this.toolkit.clock.now();
    } catch {
      // The next one may get through; the lease bears two losses.
    }
    if (this.closed || worker !== this.worker) return;
    if (alive) {
      this.heartbeat = this.toolkit.clock.after(this.interval, this.beat);
    } else {
      // The next step will be told so, and begin anew; who runs its jobs should know at once.
      this.heartbeat = undefined;
      this.options.onLost();
    }
  }
}

function createWorkerId(): string {
  return randomBytes(9).toString('base64url');
}

function giveBack({ id, fence }: ClaimedJob): Settlement {
  return { kind: 'release', id, fence, delay: 0, position: 'front' };
}

function isEnd(settlement: Settlement): boolean {
  return settlement.kind === 'complete' || settlement.kind === 'fail';
}
