import { QueueClosedError, QueueConnectionError } from '../../queue.errors.js';
import type { JobState } from '../../job/job-status.js';
import type { ResolvedRedisOptions } from '../../queue.options.js';
import type { MonotonicClock, Timer } from '../../support/clock.js';
import { waitAtMost } from '../../support/deadline.js';
import type {
  ConsumerOptions,
  NewJob,
  PushException,
  QueueConsumer,
  QueueCounts,
  QueueDriver,
  QueueListener,
  StoredStatus,
} from '../queue-driver.interface.js';
import { LOW_PRIORITY_EACH, type LowPriorityEach } from '../queue-priorities.interface.js';
import type { StorageFinding } from '../queue-doctor.interface.js';
import { unlimited, type LimitsOf } from '../queue-limits.interface.js';
import { keepFor, type RetentionOf } from '../queue-retention.interface.js';
import { NO_OBSERVER, type StorageObserver } from '../storage-observer.interface.js';
import { HeartbeatThread } from './heartbeat-thread.js';
import { ConnectionLog, type ConnectionLogger } from './connection-log.js';
import { RedisKeys } from './keys.js';
import { RedisCancellations } from './redis-cancellations.js';
import { RedisClients } from './redis-clients.js';
import { RedisBatches } from './redis-batches.js';
import { RedisFlows } from './redis-flows.js';
import { RedisCommands } from './redis-commands.js';
import { RedisConnection } from './redis-connection.js';
import { RedisEventLog } from './redis-event-log.js';
import { RedisConsumer } from './redis-consumer.js';
import { RedisListener } from './redis-listener.js';
import { RedisProducer } from './redis-producer.js';
import { RedisInspector } from './redis-inspector.js';
import { RedisLimits } from './redis-limits.js';
import { RedisLists } from './redis-lists.js';
import { RedisMending } from './redis-mending.js';
import { RedisPauses } from './redis-pauses.js';
import { RedisSchedules } from './redis-schedules.js';
import { RedisSignals } from './redis-signals.js';
import { RedisStats } from './redis-stats.js';
import { RedisWaits } from './redis-waits.js';
import { RedisWorkers } from './redis-workers.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { serverAddress, serverName } from './server-address.js';
import { heartbeatScript } from './scripts/heartbeat.script.js';
import { processedScript } from './scripts/processed.script.js';
import { wakeScript } from './scripts/wake.script.js';
import { checkServer } from './server-check.js';
import { examineServer } from './server-doctor.js';
import { WaitingLog } from './waiting-log.js';

/** The interval of the log lines at boot while the driver still waits for Redis, in milliseconds. */
const REMINDER = 10_000;
/** How long the driver waits at its close for its hand-overs, in milliseconds: other processes continue them. */
const HAND_OVER_DEADLINE = 1_000;

export interface RedisDriverOptions {
  readonly redis: ResolvedRedisOptions;
  /** Stands in front of every key. Default: none. */
  readonly prefix?: string;
  /** The time for which the status of an ended job is kept, in seconds; 0 keeps none. */
  readonly statusTtl: number;
  /** How ended jobs are kept. Default: all for the status time. */
  readonly retention?: RetentionOf;
  /** See `LowPriorityEach`. */
  readonly lowPriorityEach?: LowPriorityEach;
  /** The limits of queues. Default: none. */
  readonly limits?: LimitsOf;
  readonly clock: MonotonicClock;
  readonly logger?: ConnectionLogger;
  /** Lua that sets `time` and `now`, in place of the server's clock; for tests. */
  readonly scriptTime?: string;
  /** False to do without {@link HeartbeatThread}: most tests gain nothing by it. */
  readonly heartbeatThread?: boolean;
}

/**
 * Keeps the queues in Redis. Puts the parts together, opens them and closes them:
 *
 * - {@link RedisConnection} is the connection for commands; each listener has its own connection for its blocking wait;
 * - {@link RedisProducer} pushes, {@link RedisConsumer} claims and settles, {@link RedisListener} waits, {@link
 *   RedisInspector} reads;
 * - {@link RedisPauses} pauses queues, {@link RedisCancellations} cancels jobs, and {@link RedisSignals} calls the consumers;
 * - {@link RedisLists} lists jobs;
 * - {@link RedisMending} changes jobs for an operator;
 * - {@link RedisFlows} keeps chains, batches and workflows, and {@link RedisBatches} fills batches;
 * - {@link RedisSchedules} keeps schedules;
 * - {@link RedisWaits} waits for the ends of jobs;
 * - {@link RedisEventLog} keeps the events of all processes;
 * - {@link HeartbeatThread} keeps leases alive while the event loop is blocked;
 * - {@link ConnectionLog} logs lost connections.
 */
export class RedisDriver implements QueueDriver {
  readonly name = 'redis';
  /** The name of the server in messages. */
  private readonly server: string;

  private readonly clients: RedisClients;
  private readonly connection: RedisConnection;
  private readonly log: ConnectionLog | undefined;
  private readonly waitingLog: WaitingLog;
  private readonly toolkit: RedisToolkit;
  readonly pauses: RedisPauses;
  readonly limits: RedisLimits;
  readonly stats: RedisStats;
  readonly lists: RedisLists;
  readonly mending: RedisMending;
  readonly cancellations: RedisCancellations;
  readonly flows: RedisFlows;
  readonly schedules: RedisSchedules;
  readonly batches: RedisBatches;
  readonly waits: RedisWaits;
  readonly events: RedisEventLog;
  readonly workers: RedisWorkers;
  private readonly signals: RedisSignals;
  private readonly producer: RedisProducer;
  private readonly inspector: RedisInspector;
  private readonly heartbeatThread: HeartbeatThread | undefined;
  private readonly consumers = new Set<RedisConsumer>();
  private readonly listeners = new Set<RedisListener>();
  private observer = NO_OBSERVER;
  private lastProcessed = 0;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: RedisDriverOptions) {
    const { redis, clock } = options;
    this.clients = new RedisClients(redis, clock);
    this.server = serverName(redis);
    this.connection = new RedisConnection(this.clients.commands(), this.server, clock, this.clients.isShared);
    this.log = options.logger && new ConnectionLog(this.connection, clock, options.logger);
    this.waitingLog = new WaitingLog(this.connection, options.logger);
    const commands = new RedisCommands(this.connection, redis.requestDeadline * 1000, options.scriptTime);
    this.toolkit = {
      connection: this.connection,
      commands,
      keys: new RedisKeys(this.clients.isCluster, options.prefix),
      clock,
      // Redis takes whole seconds.
      statusTtl: Math.ceil(options.statusTtl),
      retention: inWholeSeconds(options.retention ?? keepFor(options.statusTtl)),
      lowPriorityEach: options.lowPriorityEach ?? (() => LOW_PRIORITY_EACH),
      limits: options.limits ?? unlimited,
      observer: () => this.observer,
    };
    this.signals = new RedisSignals(this.toolkit, () => this.clients.signals());
    this.pauses = new RedisPauses(this.toolkit, this.signals);
    this.limits = new RedisLimits(this.toolkit, this.signals);
    this.stats = new RedisStats(this.toolkit);
    this.workers = new RedisWorkers(this.toolkit);
    this.producer = new RedisProducer(this.toolkit);
    this.inspector = new RedisInspector(this.toolkit);
    this.lists = new RedisLists(this.toolkit, () => this.assertOpen());
    this.mending = new RedisMending(this.toolkit, this.inspector, (queue) => {
      this.producer.forget(queue);
      // Its consumers wait for the end of a pause.
      this.signals.send(queue);
    });
    this.cancellations = new RedisCancellations(this.toolkit, this.inspector, this.signals);
    const assertOpen = (): void => this.assertOpen();
    this.flows = new RedisFlows(this.toolkit, this.producer, this.cancellations, assertOpen);
    this.batches = new RedisBatches(this.toolkit, this.producer, this.flows, this.mending, assertOpen);
    const statusOf = (id: string): Promise<StoredStatus | null> => this.inspector.getStatus(id);
    const { toolkit, producer, signals } = this;
    this.schedules = new RedisSchedules({ toolkit, producer, signals, statusOf, assertOpen });
    this.waits = new RedisWaits(toolkit, signals, statusOf);
    this.events = new RedisEventLog(
      this.toolkit,
      () => this.clients.waiting(),
      () => this.assertOpen(),
    );
    if (options.heartbeatThread ?? true) {
      const heartbeat = commands.compile(heartbeatScript);
      this.heartbeatThread = new HeartbeatThread(this.connection.client, heartbeat, this.clients.renewPassword);
    }
    this.connection.onBack(this.onBack);
  }

  get address(): string {
    return serverAddress(this.options.redis);
  }

  get isAway(): boolean {
    return !this.connection.isReady || this.toolkit.commands.isRetrying;
  }

  async connect(): Promise<void> {
    const { whenAway, connectDeadline, requestDeadline } = this.options.redis;
    if (whenAway === 'fail') {
      const { time } = this.connection.answers;
      const end = time.now() + connectDeadline * 1000;
      // Until its alarm the clock does not count a block of the event loop that is longer than the deadline.
      time.wakeAt(end);
      await this.connection.whenReady(connectDeadline * 1000, true);
      await this.checkServer(end - time.now());
      return;
    }
    for (;;) {
      await this.awaitServer();
      try {
        await this.checkServer(requestDeadline * 1000);
        return;
      } catch (error) {
        if (!(error instanceof QueueConnectionError)) throw error;
      }
    }
  }

  async close(): Promise<void> {
    this.closing ??= this.closeAll();
    await this.closing;
  }

  observe(observer: StorageObserver): void {
    this.observer = observer;
  }

  restWhileIdle(rests: boolean): void {
    this.connection.restWhileIdle(rests);
  }

  async ping(timeout?: number): Promise<void> {
    this.assertOpen();
    await this.inspector.ping(timeout);
  }

  async push(queue: string, jobs: readonly NewJob[], looks: boolean): Promise<readonly PushException[] | undefined> {
    this.assertOpen();
    return this.producer.push(queue, jobs, looks);
  }

  async readDebounced(queue: string, key: string): Promise<string | null> {
    return this.producer.readDebounced(queue, key);
  }

  consume(queue: string, options: ConsumerOptions): QueueConsumer {
    const { onSignal } = options;
    // A closed driver opens no further connection.
    const stopListening = this.closing || !onSignal ? undefined : this.signals.add(queue, onSignal);
    const { toolkit, heartbeatThread, onProcessed } = this;
    const { relay } = this.flows;
    const consumer = new RedisConsumer(queue, options, toolkit, heartbeatThread, onProcessed, stopListening, relay);
    for (const other of this.consumers) if (other.isClosed) this.consumers.delete(other);
    this.consumers.add(consumer);
    return consumer;
  }

  listen(queues: readonly string[]): QueueListener {
    const each = queues.map((queue) => new Map([[this.toolkit.keys.of(queue).marker, queue]]));
    // In a cluster the markers of two queues are in two slots, and no command can wait for both.
    const groups = this.clients.isCluster ? each : [new Map(each.flatMap((map) => Array.from(map)))];
    const listener = new RedisListener(
      groups.map((markers) => ({ client: this.clients.waiting(), markers, health: this.waitingLog.open() })),
      this.options.clock,
      this.wake,
      () => this.toolkit.connection.losses,
    );
    this.listeners.add(listener);
    if (this.closing) void listener.close();
    return listener;
  }

  async getStatus(id: string): Promise<StoredStatus | null> {
    this.assertOpen();
    return this.inspector.getStatus(id);
  }

  async setStatus(id: string, state: JobState, error?: string): Promise<void> {
    this.assertOpen();
    await this.inspector.setStatus(id, state, error);
  }

  async counts(queue: string): Promise<QueueCounts> {
    this.assertOpen();
    return this.inspector.counts(queue);
  }

  async clear(queue: string): Promise<number> {
    this.assertOpen();
    return this.inspector.clear(queue);
  }

  async examine(): Promise<StorageFinding[]> {
    this.assertOpen();
    return examineServer(this.toolkit);
  }

  async queues(): Promise<string[]> {
    this.assertOpen();
    return this.inspector.queues();
  }

  private assertOpen(): void {
    if (this.closing) throw new QueueClosedError();
  }

  /** Waits for the server without a limit, and logs that it waits. */
  private async awaitServer(): Promise<void> {
    let reminder: Timer | undefined;
    const remind = (): void => {
      const trouble = this.connection.lastTrouble;
      this.options.logger?.warn(`${trouble?.message ?? `${this.server} does not answer yet`}; waiting for it`);
      reminder = this.options.clock.after(REMINDER, remind);
    };
    reminder = this.options.clock.after(REMINDER / 10, remind);
    try {
      await this.connection.whenReady(Infinity);
    } finally {
      reminder.cancel();
    }
  }

  /** @param deadline milliseconds */
  private async checkServer(deadline: number): Promise<void> {
    const { redis, logger } = this.options;
    await checkServer(this.toolkit, { database: redis.connection.db ?? 0, deadline, logger });
  }

  private async closeAll(): Promise<void> {
    // The connection is closed last: consumers and listeners still send commands when they are closed.
    await Promise.all([...this.consumers].map((consumer) => consumer.close()));
    await Promise.all([...this.listeners].map((listener) => listener.close()));
    const handedOver = Promise.all([this.flows.settled(), this.schedules.settled()]);
    await waitAtMost(handedOver, this.options.clock, HAND_OVER_DEADLINE);
    this.waits.close();
    this.events.close();
    this.workers.close();
    this.signals.close();
    await this.heartbeatThread?.close();
    this.log?.close();
    this.connection.close();
  }

  private readonly onBack = (): void => {
    for (const consumer of this.consumers) consumer.sayAlive();
  };

  private readonly wake = (marker: string): void => {
    this.toolkit.commands.run(wakeScript, { keys: { marker }, args: {} }, 'once').catch(ignore);
  };

  /** Writes the time when a job was last processed, for monitoring, at most once a second. */
  private readonly onProcessed = (now: number): void => {
    const second = Math.floor(now / 1000);
    if (second === this.lastProcessed) return;
    this.lastProcessed = second;
    const { keys, commands } = this.toolkit;
    const input = { keys: { lastProcessed: keys.lastProcessed }, args: { second } };
    commands.run(processedScript, input, 'once').catch(ignore);
  };
}

/** Redis takes whole seconds. */
function inWholeSeconds(retentionOf: RetentionOf): RetentionOf {
  return (queue) => {
    const { completed, failed, ...rest } = retentionOf(queue);
    return { completed: Math.ceil(completed), failed: Math.ceil(failed), ...rest };
  };
}

function ignore(): void {
  // No caller waits for the command, and the next one makes up for it.
}
