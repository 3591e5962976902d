import { AuthenticationError, QueueClosedError, QueueConnectionError } from '../../queue.errors.js';
import type { JobState } from '../../job/job-status.js';
import type { ResolvedRedisOptions } from '../../queue.options.js';
import type { Clock, Timer } from '../../support/clock.js';
import type {
  ConsumerOptions,
  NewJob,
  QueueConsumer,
  QueueCounts,
  QueueDriver,
  QueueListener,
  StoredStatus,
} from '../queue-driver.interface.js';
import { HeartbeatThread } from './heartbeat-thread.js';
import { ConnectionLog, type LogOfLosses } from './connection-log.js';
import { RedisKeys } from './keys.js';
import { RedisClients } from './redis-clients.js';
import { RedisConnection } from './redis-connection.js';
import { RedisConsumer } from './redis-consumer.js';
import { RedisListener } from './redis-listener.js';
import { RedisProducer } from './redis-producer.js';
import { RedisInspector } from './redis-inspector.js';
import { RedisRequests, RequestFailure } from './redis-requests.js';
import type { RedisToolkit } from './redis-toolkit.js';
import { ScriptRunner } from './script-runner.js';
import { heartbeatScript } from './scripts/heartbeat.script.js';
import { processedScript } from './scripts/processed.script.js';
import { wakeScript } from './scripts/wake.script.js';
import { assertSupportedServer } from './server-version.js';

/** The events after which the server may have been away. */
const BACK = ['ready', '+node'] as const;

/** How often the log is told that Redis is still awaited at boot, in milliseconds. */
const REMINDER = 10_000;

export interface RedisDriverOptions {
  readonly redis: ResolvedRedisOptions;
  /** Seconds; 0 keeps nothing of ended jobs. */
  readonly statusTtl: number;
  readonly clock: Clock;
  readonly logger?: LogOfLosses;
  /** Lua that sets `now`, in place of the server's clock; for tests. */
  readonly scriptTime?: string;
}

/**
 * The queue in Redis. It puts the parts together, and opens and closes them:
 *
 * - one connection for commands ({@link RedisConnection}), one for each listener's blocking wait;
 * - {@link RedisProducer} pushes, {@link RedisConsumer} claims and settles, {@link RedisListener} waits, {@link RedisInspector}
 *   answers questions;
 * - {@link HeartbeatThread} keeps leases alive while the event loop is blocked;
 * - {@link ConnectionLog} tells of lost connections.
 */
export class RedisDriver implements QueueDriver {
  readonly name = 'redis';

  private readonly clients: RedisClients;
  private readonly connection: RedisConnection;
  private readonly log: ConnectionLog | undefined;
  private readonly toolkit: RedisToolkit;
  private readonly producer: RedisProducer;
  private readonly reader: RedisInspector;
  private readonly guard: HeartbeatThread;
  private readonly consumers = new Set<RedisConsumer>();
  private readonly listeners = new Set<RedisListener>();
  private lastProcessed = 0;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: RedisDriverOptions) {
    const { redis, clock } = options;
    this.clients = new RedisClients(redis);
    this.connection = new RedisConnection(this.clients.commands(), this.clients.address, clock, this.clients.isShared);
    this.log = options.logger && new ConnectionLog(this.connection, clock, options.logger);
    const scripts = new ScriptRunner(this.connection, options.scriptTime);
    this.toolkit = {
      connection: this.connection,
      requests: new RedisRequests(this.connection, clock, redis.requestDeadline * 1000),
      scripts,
      keys: new RedisKeys(this.clients.isCluster),
      clock,
      // Redis counts it in whole seconds.
      statusTtl: Math.ceil(options.statusTtl),
    };
    this.producer = new RedisProducer(this.toolkit);
    this.reader = new RedisInspector(this.toolkit);
    this.guard = new HeartbeatThread(this.connection.client, scripts.compile(heartbeatScript));
    for (const event of BACK) this.connection.client.on(event, this.onBack);
  }

  async connect(): Promise<void> {
    const { whenAway, connectDeadline, requestDeadline } = this.options.redis;
    if (whenAway === 'fail') {
      const end = this.options.clock.now() + connectDeadline * 1000;
      await this.connection.whenReady(connectDeadline * 1000, true);
      await this.checkServer(end - this.options.clock.now());
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

  async ping(): Promise<void> {
    this.assertOpen();
    await this.reader.ping();
  }

  async push(queue: string, jobs: readonly NewJob[], unique: boolean): Promise<void> {
    this.assertOpen();
    await this.producer.push(queue, jobs, unique);
  }

  consume(queue: string, options: ConsumerOptions): QueueConsumer {
    const consumer = new RedisConsumer(queue, options, this.toolkit, this.guard, this.onProcessed);
    for (const other of this.consumers) if (other.isClosed) this.consumers.delete(other);
    this.consumers.add(consumer);
    return consumer;
  }

  listen(queues: readonly string[]): QueueListener {
    const markers = queues.map((queue) => new Map([[this.toolkit.keys.of(queue).marker, queue]]));
    // The markers of different queues are in different slots of a cluster: no command can wait for both.
    const groups = this.clients.isCluster ? markers : [new Map(markers.flatMap((map) => Array.from(map)))];
    const listener = new RedisListener(
      groups.map((group) => ({ client: this.clients.waiting(), markers: group })),
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
    return this.reader.getStatus(id);
  }

  async setStatus(id: string, state: JobState, error?: string): Promise<void> {
    this.assertOpen();
    await this.reader.setStatus(id, state, error);
  }

  async counts(queue: string): Promise<QueueCounts> {
    this.assertOpen();
    return this.reader.counts(queue);
  }

  async clear(queue: string): Promise<number> {
    this.assertOpen();
    return this.reader.clear(queue);
  }

  async queues(): Promise<string[]> {
    this.assertOpen();
    return this.reader.queues();
  }

  private assertOpen(): void {
    if (this.closing) throw new QueueClosedError();
  }

  /** Waits as long as it takes, and says so. */
  private async awaitServer(): Promise<void> {
    let reminder: Timer | undefined;
    const remind = (): void => {
      const trouble = this.connection.lastTrouble;
      this.options.logger?.warn(`${trouble?.message ?? `${this.clients.address} does not answer yet`}; waiting for it`);
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
    const { connection, requests } = this.toolkit;
    try {
      const info = await requests.send(
        () => connection.watch(() => connection.client.info('server')),
        undefined,
        deadline,
      );
      assertSupportedServer(info, this.clients.address);
    } catch (failure) {
      if (!(failure instanceof RequestFailure)) throw failure;
      // A user that may not ask for it: the first script will tell.
      if (!(failure.error instanceof AuthenticationError)) throw failure.error;
    }
  }

  private async closeAll(): Promise<void> {
    // Consumers leave while the connection is there; it goes last.
    await Promise.all([...this.consumers].map((consumer) => consumer.close()));
    await Promise.all([...this.listeners].map((listener) => listener.close()));
    await this.guard.close();
    for (const event of BACK) this.connection.client.off(event, this.onBack);
    this.log?.close();
    this.connection.close();
  }

  private readonly onBack = (): void => {
    for (const consumer of this.consumers) consumer.sayAlive();
  };

  private readonly wake = (marker: string): void => {
    this.toolkit.scripts.run(wakeScript, { keys: { marker }, args: {} }).catch(ignore);
  };

  /** Refreshes the sign of life that monitoring looks at, at most once a second. */
  private readonly onProcessed = (now: number): void => {
    const second = Math.floor(now / 1000);
    if (second === this.lastProcessed) return;
    this.lastProcessed = second;
    const { keys, scripts } = this.toolkit;
    scripts.run(processedScript, { keys: { lastProcessed: keys.lastProcessed }, args: { second } }).catch(ignore);
  };
}

function ignore(): void {
  // Nobody waits for it, and the next one makes good for it.
}
