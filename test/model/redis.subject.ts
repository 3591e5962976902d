import type { JobState } from '../../lib/job/job-status.js';
import type { Cancellation, CancelledSome } from '../../lib/drivers/queue-cancellations.interface.js';
import type { Redis } from 'ioredis';
import type {
  ClaimedJob,
  ConsumerOptions,
  NewJob,
  PushException,
  PollRequest,
  PollResult,
} from '../../lib/drivers/queue-driver.interface.js';
import type { JobNote } from '../../lib/job/attempt-desk.interface.js';
import { encodeLimits, NO_LIMITS_TEXT } from '../../lib/drivers/redis/limits-codec.js';
import { RedisKeys } from '../../lib/drivers/redis/keys.js';
import { RedisConnection } from '../../lib/drivers/redis/redis-connection.js';
import { RedisConsumer } from '../../lib/drivers/redis/redis-consumer.js';
import { RedisCancellations } from '../../lib/drivers/redis/redis-cancellations.js';
import { RedisMending } from '../../lib/drivers/redis/redis-mending.js';
import { RedisProducer } from '../../lib/drivers/redis/redis-producer.js';
import { RedisInspector } from '../../lib/drivers/redis/redis-inspector.js';
import { NO_OBSERVER } from '../../lib/drivers/storage-observer.interface.js';
import type { RedisToolkit } from '../../lib/drivers/redis/redis-toolkit.js';
import { NO_LIMITS, type StartLimits } from '../../lib/drivers/queue-limits.interface.js';
import { cancelScript } from '../../lib/drivers/redis/scripts/cancel.script.js';
import { clearGroupsScript, clearScript } from '../../lib/drivers/redis/scripts/clear.script.js';
import { livePageScript } from '../../lib/drivers/redis/scripts/live-page.script.js';
import { heartbeatScript } from '../../lib/drivers/redis/scripts/heartbeat.script.js';
import { noteScript } from '../../lib/drivers/redis/scripts/note.script.js';
import { setLimitsScript } from '../../lib/drivers/redis/scripts/set-limits.script.js';
import { endHoldScript, pauseScript, resumeScript } from '../../lib/drivers/redis/scripts/pause.script.js';
import {
  pushDebouncedScript,
  pushGivenScript,
  pushGroupedScript,
  pushScript,
  pushRankedScript,
  pushTraitsScript,
} from '../../lib/drivers/redis/scripts/push.script.js';
import {
  endMoveScript,
  moveInScript,
  moveOutScript,
  refuseMoveScript,
} from '../../lib/drivers/redis/scripts/move.script.js';
import { obliterateScript } from '../../lib/drivers/redis/scripts/obliterate.script.js';
import { removeScript } from '../../lib/drivers/redis/scripts/remove.script.js';
import { replaceLongerScript, replaceScript } from '../../lib/drivers/redis/scripts/replace.script.js';
import { rescheduleScript } from '../../lib/drivers/redis/scripts/reschedule.script.js';
import { retryScript } from '../../lib/drivers/redis/scripts/retry.script.js';
import { setPriorityScript } from '../../lib/drivers/redis/scripts/set-priority.script.js';
import { POLL_FORMS } from '../../lib/drivers/redis/scripts/poll.script.js';
import type { Timer } from '../../lib/support/clock.js';
import { FakeClock } from '../support/fake-clock.js';
import { passTime, SCRIPT_TIME, setClock } from '../support/redis-clock.js';
import { expectSame } from './mismatch.js';
import { readSnapshot, SNAPSHOT } from './redis-snapshot.js';
import { RedisWire } from './redis-wire.js';
import { failSome } from './fail-some.js';
import { Killed, ResendingCommands } from './resending-commands.js';
import {
  GRACE,
  LEASE,
  LOW_EACH,
  OTHER,
  QUEUE,
  SLOTS,
  START,
  type Claim,
  type Delivery,
  type MoveStep,
  type Questions,
  type Snapshot,
  type Polled,
  retentionOf,
  type Subject,
} from './subject.interface.js';

/** The longest wait for the driver itself, in milliseconds; its clock stands still. */
const DEADLINE = 10_000;
const OPTIONS: ConsumerOptions = { lease: LEASE, onLost: () => undefined };
const NO_SIGNALS = { send: () => undefined };
const NO_GUARD = { add: () => ({ remove: () => undefined }) } as unknown as ConstructorParameters<
  typeof RedisConsumer
>[3];

/** A process, as the storage sees it: a consumer with its own clock, whose messages differ from those of the others. */
interface Process {
  readonly consumer: RedisConsumer;
  readonly runner: ResendingCommands;
  readonly clock: FakeClock;
  stalled: boolean;
}

/** The parts of the Redis driver on a real server, whose scripts read the time from a key. All share one connection. */
export class RedisSubject implements Subject {
  readonly name = 'redis';
  readonly traits = {
    idleConsumersAreLost: true,
    takeoversInAPoll: 1,
    grace: GRACE,
    ties: 'id',
    countingPromotes: false,
    asksAll: false,
  } as const;
  private readonly connection: RedisConnection;
  private readonly keys = new RedisKeys(false);
  readonly wire = new RedisWire(
    this.keys.of(QUEUE),
    () => this.front.runner,
    (consumerId) => this.polls.get(consumerId),
  );
  private now = START;
  private pauses = 0;
  private statusTtl = 0;
  private limits = NO_LIMITS;
  private front!: {
    readonly runner: ResendingCommands;
    readonly producer: RedisProducer;
    readonly reader: RedisInspector;
    readonly mending: RedisMending;
  };
  private processes: Process[] = [];
  private loaded: Promise<void> | undefined;
  private unanswered: Promise<unknown> | undefined;
  private polls = new Map<string, ResendingCommands>();

  constructor(private readonly client: Redis) {
    this.connection = new RedisConnection(client, 'the server of the model', new FakeClock(), true);
  }

  async start(statusTtl: number, limits: StartLimits = NO_LIMITS): Promise<void> {
    this.statusTtl = statusTtl;
    this.limits = limits;
    this.now = START;
    this.polls = new Map();
    await (this.loaded ??= this.load());
    await this.client.flushdb();
    await setClock(this.client, START);
    const toolkit = this.toolkit(new ImpatientClock(START));
    const producer = new RedisProducer(toolkit);
    const reader = new RedisInspector(toolkit);
    this.front = {
      runner: toolkit.commands,
      producer,
      reader,
      mending: new RedisMending(toolkit, reader, (queue) => producer.forget(queue)),
    };
    this.processes = Array.from({ length: SLOTS }, () => this.open());
  }

  async push(jobs: readonly NewJob[], unique: boolean, twice: boolean): Promise<readonly PushException[] | undefined> {
    return this.front.runner.sending(twice, () => this.front.producer.push(QUEUE, jobs, unique));
  }

  /** Polls. Sends the look behind the poll on the same connection, before the poll is answered: that is faster. */
  async poll(slot: number, request: PollRequest, twice: boolean, ask: Questions): Promise<Polled> {
    const { consumer, runner } = this.processes[slot]!;
    const before = runner.polls.length;
    this.client.stream.cork();
    const polling = runner.sending(twice, () => consumer.poll(request));
    const looking = this.look(ask);
    this.client.stream.uncork();
    const [answer, seen] = await Promise.all([polling, looking]);
    const consumerId = String(runner.lastPoll!.args['consumer']);
    this.polls.set(consumerId, runner);
    // A short poll that did nothing was sent again as a whole one, behind that look.
    const isAgain = runner.polls.length > before + 1;
    return { consumerId, result: toPlainResult(answer), seen: isAgain ? await this.look(ask) : seen };
  }

  async pollTwo(
    slot: number,
    [first, second]: readonly [PollRequest, PollRequest],
    delivery: Delivery,
    ask: Questions,
  ) {
    const { consumer, runner } = this.processes[slot]!;
    const send = () => Promise.all([consumer.poll(first), consumer.poll(second)]);
    const [one, two] = await runner.sending(delivery, send);
    const consumerId = String(runner.lastPoll!.args['consumer']);
    this.polls.set(consumerId, runner);
    const results = [toPlainResult(one), toPlainResult(two)] as const;
    return { consumerId, results, seen: await this.look(ask) };
  }

  async note(slot: number, { id, fence }: Claim, number: number, note: JobNote, twice: boolean): Promise<boolean> {
    const { consumer, runner } = this.processes[slot]!;
    return runner.sending(twice, () => consumer.note(id, fence, number, note));
  }

  async clear(twice: boolean): Promise<number> {
    // Of an earlier clear nothing arrives any more: a place without jobs gets no message.
    this.front.runner.lastClears.clear();
    return this.front.runner.sending(twice, () => this.front.reader.clear(QUEUE));
  }

  async cancel(
    id: string,
    reason: string | undefined,
    searches: boolean,
    twice: boolean,
  ): Promise<Cancellation | null> {
    const cancellations = this.cancellationsThat(searches);
    return this.front.runner.sending(twice, () => cancellations.cancelIn(QUEUE, id, reason));
  }

  async live(pushedBy: number): Promise<readonly string[]> {
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.cancellationsThat(true).live(QUEUE, { limit: 5, cursor, pushedBy, headers: false });
      ids.push(...page.jobs.map(({ id }) => id));
      ({ cursor } = page);
    } while (cursor !== undefined);
    return ids;
  }

  async cancelSome(
    ids: readonly string[],
    pushedBy: number,
    searches: boolean,
    twice: boolean,
  ): Promise<CancelledSome> {
    return this.front.runner.sending(twice, () => this.cancellationsThat(searches).cancelSome(QUEUE, ids, pushedBy));
  }

  async retry(ids: readonly string[], twice: boolean): Promise<number> {
    return this.front.runner.sending(twice, () => this.front.mending.retry(QUEUE, ids));
  }

  async move(ids: readonly string[], diesAfter: MoveStep | undefined, twice: boolean): Promise<number> {
    const { runner, mending } = this.front;
    runner.dieAfter(diesAfter);
    try {
      return await runner.sending(twice, () => mending.move(QUEUE, ids, OTHER));
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
      return -1;
    } finally {
      runner.dieAfter(undefined);
    }
  }

  async endMoves(twice: boolean): Promise<void> {
    await this.front.runner.sending(twice, () => this.front.mending.failed(QUEUE, { limit: 1, headers: false }));
  }

  async moveBack(twice: boolean): Promise<number> {
    // Without statuses failed jobs are not kept.
    if (this.statusTtl === 0) return 0;
    const toolkit = this.toolkit(new FakeClock(this.now));
    const consumer = new RedisConsumer(OTHER, OPTIONS, toolkit, NO_GUARD, () => undefined);
    const ids = await failSome(consumer);
    await consumer.close();
    return this.front.runner.sending(twice, () => this.front.mending.move(OTHER, ids, QUEUE));
  }

  async remove(
    ids: readonly string[],
    only: readonly JobState[] | undefined,
    searches: boolean,
    twice: boolean,
  ): Promise<number> {
    return this.front.runner.sending(twice, () => this.mendingThat(searches).remove(QUEUE, ids, only));
  }

  async promote(id: string, searches: boolean, twice: boolean): Promise<boolean> {
    return this.front.runner.sending(twice, () => this.mendingThat(searches).promote(QUEUE, id));
  }

  async reschedule(id: string, delay: number, searches: boolean, twice: boolean): Promise<boolean> {
    return this.front.runner.sending(twice, () => this.mendingThat(searches).reschedule(QUEUE, id, delay));
  }

  async setPriority(id: string, priority: number, searches: boolean, twice: boolean): Promise<boolean> {
    return this.front.runner.sending(twice, () => this.mendingThat(searches).setPriority(QUEUE, id, priority));
  }

  async replace(id: string, header: string, body: string, twice: boolean): Promise<boolean> {
    return this.front.runner.sending(twice, () => this.front.mending.replace(QUEUE, id, header, body));
  }

  async obliterate(twice: boolean): Promise<number> {
    return this.front.runner.sending(twice, () => this.front.mending.obliterate(QUEUE));
  }

  /** Does not wait until the consumers obey, as the driver does: nobody polls meanwhile. */
  async pauseQueue(milliseconds: number | null, twice: boolean): Promise<void> {
    const keys = this.keysWithAnswer();
    const { claimedPrefix } = keys;
    const pauseId = `pause-${this.pauses}`;
    const args = { pauseId, milliseconds: milliseconds ?? '', claimedPrefix, answerTtl: 60_000 };
    await this.front.runner.sending(twice, () => this.front.runner.run(pauseScript, { keys, args }));
  }

  async resumeQueue(twice: boolean): Promise<void> {
    const input = { keys: this.keysWithAnswer(), args: { answerTtl: 60_000 } };
    await this.front.runner.sending(twice, () => this.front.runner.run(resumeScript, input));
  }

  async setLimits(limits: StartLimits | null, twice: boolean): Promise<void> {
    const text = limits ? encodeLimits(limits) || NO_LIMITS_TEXT : '';
    const input = { keys: this.keysWithAnswer(), args: { text, answerTtl: 60_000 } };
    await this.front.runner.sending(twice, () => this.front.runner.run(setLimitsScript, input));
  }

  async endHold(twice: boolean): Promise<void> {
    const input = { keys: this.keysWithAnswer(), args: { answerTtl: 60_000 } };
    await this.front.runner.sending(twice, () => this.front.runner.run(endHoldScript, input));
  }

  async close(slot: number, twice: boolean): Promise<void> {
    const { consumer, runner } = this.processes[slot]!;
    await runner.sending(twice, () => consumer.close());
    this.processes[slot] = this.open();
  }

  async advance(milliseconds: number): Promise<void> {
    this.now += milliseconds;
    const passed = passTime(this.client, milliseconds, this.now);
    const awake = this.processes.filter(({ stalled }) => !stalled);
    await Promise.all(awake.map(({ clock }) => clock.advance((this.now - clock.now()) / 1000)));
    this.unanswered = passed;
  }

  stall(slot: number): void {
    this.processes[slot]!.stalled = true;
  }

  async resume(slot: number): Promise<void> {
    const process = this.processes[slot]!;
    process.stalled = false;
    await process.clock.advance((this.now - process.clock.now()) / 1000);
  }

  async look({ statuses, counts }: Questions): Promise<Snapshot> {
    const { runner, reader } = this.front;
    const keys = this.keys.of(QUEUE);
    const { claimedPrefix } = keys;
    const ownLimits = encodeLimits(this.limits);
    const args = { claimedPrefix, failedTtl: retentionOf(this.statusTtl).failed, ownLimits };
    // Uses the same connection: all earlier messages are answered then.
    const [reply, asked, , ...told] = await Promise.all([
      runner.run(SNAPSHOT, { keys, args }),
      statuses.length > 0 ? reader.counts(QUEUE) : undefined,
      this.unanswered,
      ...statuses.map((id) => reader.getStatus(id)),
    ]);
    const snapshot = readSnapshot(reply, this.keys, this.now, retentionOf(this.statusTtl).failed * 1000);
    if (asked) expectSame('counts', 'as the driver tells them', asked, snapshot.counts);
    return {
      ...snapshot,
      counts: counts ? snapshot.counts : undefined,
      told: new Map(statuses.map((id, i) => [id, told[i]!])),
    };
  }

  private keysWithAnswer() {
    const keys = this.keys.of(QUEUE);
    return { ...keys, answer: `${keys.callPrefix}pause-${++this.pauses}` };
  }

  /** @param searches true if long lists may be searched */
  private cancellationsThat(searches: boolean): RedisCancellations {
    const toolkit = { ...this.toolkit(new FakeClock()), commands: this.front.runner };
    return new RedisCancellations(toolkit, this.front.reader, NO_SIGNALS, searches ? 1_000 : 0);
  }

  private mendingThat(searches: boolean): RedisMending {
    const toolkit = { ...this.toolkit(new FakeClock()), commands: this.front.runner };
    return new RedisMending(toolkit, this.front.reader, undefined, searches ? 1_000 : 0);
  }

  /** Loads the scripts. A script that the server does not have yet would arrive out of order. */
  private async load(): Promise<void> {
    const { commands } = this.toolkit(new FakeClock());
    for (const script of [
      SNAPSHOT,
      ...POLL_FORMS,
      noteScript,
      heartbeatScript,
      pushScript,
      pushGivenScript,
      pushRankedScript,
      pushTraitsScript,
      pushGroupedScript,
      pushDebouncedScript,
      cancelScript,
      clearScript,
      clearGroupsScript,
      livePageScript,
      obliterateScript,
      retryScript,
      moveOutScript,
      moveInScript,
      refuseMoveScript,
      endMoveScript,
      removeScript,
      rescheduleScript,
      setPriorityScript,
      replaceScript,
      replaceLongerScript,
    ]) {
      await this.client.script('LOAD', commands.compile(script).source);
    }
  }

  private open(): Process {
    const clock = new FakeClock(this.now);
    const toolkit = this.toolkit(clock);
    const consumer = new RedisConsumer(QUEUE, OPTIONS, toolkit, NO_GUARD, () => undefined);
    return { consumer, runner: toolkit.commands, clock, stalled: false };
  }

  private toolkit(clock: FakeClock): RedisToolkit & { readonly commands: ResendingCommands } {
    return {
      connection: this.connection,
      commands: new ResendingCommands(this.connection, DEADLINE, SCRIPT_TIME),
      keys: this.keys,
      clock,
      statusTtl: this.statusTtl,
      retention: () => retentionOf(this.statusTtl),
      lowPriorityEach: () => LOW_EACH,
      limits: () => this.limits,
      observer: () => NO_OBSERVER,
    };
  }
}

/** A clock on which whoever waits goes on at once: the time of the storage stands still meanwhile. */
class ImpatientClock extends FakeClock {
  override after(milliseconds: number, callback: () => void): Timer {
    setImmediate(callback);
    return super.after(milliseconds, () => undefined);
  }
}

function toPlainResult(result: PollResult): PollResult {
  return { ...result, jobs: result.jobs.map(toPlainJob) };
}

/** Returns the fields of a claimed job, for a comparison. */
function toPlainJob(claimed: ClaimedJob): ClaimedJob {
  const { id, body, pushedAt, fence, attempt, crashes, unknownFor, checkpoint, waitsSince, releases } = claimed;
  const job = { id, body, pushedAt, fence, attempt, crashes, unknownFor };
  const more = Object.entries({ checkpoint, waitsSince, releases }).filter(([, value]) => value !== undefined);
  return { ...job, ...Object.fromEntries(more) };
}
