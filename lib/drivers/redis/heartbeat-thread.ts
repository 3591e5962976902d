import { isIP } from 'node:net';
import { Worker as Thread } from 'node:worker_threads';
import type { Redis } from 'ioredis';
import type { QueueKeys } from './keys.js';
import type { RedisClient } from './redis-clients.js';
import { heartbeatScript } from './scripts/heartbeat.script.js';
import { toCall, type CompiledScript } from './scripts/script.js';
import {
  HEARTBEAT_THREAD,
  type HeartbeatChanges,
  type HeartbeatLease,
  type HeartbeatServer,
  type HeartbeatThreadData,
} from './heartbeat-thread.code.js';

/** The number of pulses of the main thread in a lease, within limits. A pulse shows that the main thread runs. */
const PULSES_IN_A_LEASE = 12;
const FASTEST_PULSE = 50;
const SLOWEST_PULSE = 500;
/** The age at which the thread gets another password, if a function gives it, in milliseconds. */
const PASSWORD_AGE = 60_000;
/** How often the password of the client is compared with the one that the thread knows, in milliseconds. */
const PASSWORD_CHECK = 1_000;
/** The events after which the client may be connected to another server. */
const CHANGES = ['ready', '+node'] as const;

/** The terms of a lease, which each poll and each heartbeat sends, in milliseconds. */
export interface LeaseTerms {
  readonly lease: number;
  /** The longest time between two signs of life of a consumer. */
  readonly interval: number;
  /** The time that the other consumers have to speak after a silence. */
  readonly grace: number;
}

export interface LeaseToProlong extends LeaseTerms {
  readonly keys: Pick<QueueKeys, 'consumers' | 'meta' | 'marker' | 'cancelled' | 'claimedPrefix' | 'pollsPrefix'>;
  readonly consumer: string;
  /** The interval at which it is prolonged, in milliseconds. */
  readonly every: number;
}

export interface ProlongedLease {
  remove(): void;
}

/**
 * Keeps leases alive while a handler blocks the event loop, so that no other worker recovers its jobs.
 *
 * A thread watches a pulse of the main thread. Only when the pulse stops does the thread connect and send the
 * heartbeats itself; when the pulse is back the thread hangs up. If the main thread is silent for ten leases, the
 * thread takes it to hang for good and stops sending.
 *
 * A worker may have thousands of queues, each with a lease. So the thread has one connection for all of them, and gets
 * only the changes: those that come together in one message.
 *
 * If the thread cannot run (an option of the connection cannot be copied to it), only this protection is missing.
 */
export class HeartbeatThread {
  private readonly pulse = new Int32Array(new SharedArrayBuffer(4));
  private readonly leases = new Map<number, LeaseToProlong>();
  private lastKey = 0;
  /** The keys of the leases that the thread does not know yet. */
  private readonly added = new Set<number>();
  /** The keys of the leases that the thread does not know to be gone. */
  private readonly removed = new Set<number>();
  /** The server that the thread knows. */
  private known: HeartbeatServer | undefined;
  private isServerNew = true;
  private isPosting = false;
  private thread: Thread | undefined;
  private beating: NodeJS.Timeout | undefined;
  private following: NodeJS.Timeout | undefined;
  private interval = 0;
  private renewedAt = performance.now();
  private unable = false;

  constructor(
    private readonly client: RedisClient,
    private readonly heartbeat: CompiledScript,
    /** Renews the password in the options of a client. Nobody can be asked for it while the event loop is blocked. */
    private readonly renewPassword?: (node: Redis) => Promise<void>,
  ) {
    for (const event of CHANGES) client.on(event, this.onServer);
  }

  add(lease: LeaseToProlong): ProlongedLease {
    const key = ++this.lastKey;
    this.leases.set(key, lease);
    this.added.add(key);
    this.postSoon();
    return {
      remove: () => {
        if (!this.leases.delete(key)) return;
        if (!this.added.delete(key)) this.removed.add(key);
        this.postSoon();
      },
    };
  }

  async close(): Promise<void> {
    for (const event of CHANGES) this.client.off(event, this.onServer);
    clearInterval(this.beating);
    clearInterval(this.following);
    this.following = undefined;
    this.interval = 0;
    this.leases.clear();
    const { thread } = this;
    this.thread = undefined;
    await thread?.terminate();
  }

  private readonly onServer = (): void => {
    this.isServerNew = true;
    this.postSoon();
  };

  /**
   * Posts the changes in a microtask: all leases that one packet of the server begins go together, and they go before
   * the first of their handlers can block the event loop.
   */
  private postSoon(): void {
    if (this.isPosting || this.unable || (this.leases.size === 0 && !this.thread)) return;
    this.isPosting = true;
    queueMicrotask(this.post);
  }

  private readonly post = (): void => {
    this.isPosting = false;
    if (this.unable || (this.leases.size === 0 && !this.thread)) return;
    try {
      this.thread ??= this.start();
      const server = this.isServerNew ? describeServer(this.client) : undefined;
      const changes: HeartbeatChanges = {
        interval: this.beat(),
        server,
        added: [...this.added].map(this.describeLease),
        removed: [...this.removed],
      };
      this.thread.postMessage(changes);
      if (server) {
        this.known = server;
        this.isServerNew = false;
      }
      this.added.clear();
      this.removed.clear();
    } catch {
      // An option cannot be copied to another thread, such as a function among the TLS options.
      this.unable = true;
      void this.close();
    }
  };

  private start(): Thread {
    const { source, sha } = this.heartbeat;
    const workerData: HeartbeatThreadData = { pulse: this.pulse.buffer, source, sha };
    this.following ??= setInterval(this.followPassword, PASSWORD_CHECK).unref();
    // It needs no module that the application makes Node load first.
    const thread = new Thread(HEARTBEAT_THREAD, { eval: true, workerData, execArgv: [] });
    // A new thread knows nothing.
    for (const key of this.leases.keys()) this.added.add(key);
    this.removed.clear();
    this.isServerNew = true;
    thread.unref();
    thread.on('error', () => {
      if (this.thread === thread) this.thread = undefined;
    });
    return thread;
  }

  /** Beats as often as the shortest lease needs. Returns the interval in milliseconds. */
  private beat(): number {
    let shortest = Infinity;
    for (const { lease } of this.leases.values()) shortest = Math.min(shortest, lease);
    const interval = Math.max(FASTEST_PULSE, Math.min(SLOWEST_PULSE, Math.round(shortest / PULSES_IN_A_LEASE)));
    if (interval !== this.interval) {
      this.interval = interval;
      clearInterval(this.beating);
      this.beating = setInterval(() => Atomics.add(this.pulse, 0, 1), interval).unref();
    }
    return interval;
  }

  /** Tells the thread if the password of the client was renewed. */
  private readonly followPassword = (): void => {
    const node = nodeOf(this.client);
    if (!node || !this.known) return;
    if (this.renewPassword && this.leases.size > 0 && performance.now() - this.renewedAt >= PASSWORD_AGE) {
      this.renewedAt = performance.now();
      this.renewPassword(node).catch(ignore);
    }
    const { username, password } = node.options;
    if (this.known.password !== password || this.known.username !== username) this.onServer();
  };

  private readonly describeLease = (key: number): HeartbeatLease => {
    const { keys, consumer, lease, interval, grace, every } = this.leases.get(key)!;
    const { claimedPrefix, pollsPrefix } = keys;
    const call = toCall(heartbeatScript, {
      keys: { ...keys, polls: pollsPrefix + consumer },
      args: { consumer, lease, interval, grace, next: every, claimedPrefix },
    });
    return { key, words: call.map(String), every, giveUpAfter: lease * 10 };
  };
}

/**
 * Describes the server that the client is connected to; in a cluster any node, which redirects the thread to the right
 * node. Returns `undefined` if no node is known at the moment.
 */
function describeServer(client: RedisClient): HeartbeatServer | undefined {
  const node = nodeOf(client);
  if (!node) return undefined;
  const { username, password, db, path, host, sentinels, enableTLSForSentinelMode } = node.options;
  const tls = sentinels && !enableTLSForSentinelMode ? undefined : node.options.tls;
  const { remoteAddress, remotePort } =
    (node as unknown as { stream?: { remoteAddress?: string; remotePort?: number } }).stream ?? {};
  return {
    host: remoteAddress ?? host ?? '127.0.0.1',
    port: remotePort ?? node.options.port ?? 6379,
    path: sentinels ? undefined : path,
    tls: tls && { ...(host && isIP(host) === 0 && { servername: host }), ...tls },
    username,
    password,
    db: 'nodes' in client ? 0 : (db ?? 0),
  };
}

function nodeOf(client: RedisClient): Redis | undefined {
  return 'nodes' in client ? client.nodes('master')[0] : client;
}

function ignore(): void {
  // The thread goes on with the password that it has.
}
