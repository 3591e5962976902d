import { isIP } from 'node:net';
import { Worker as Thread } from 'node:worker_threads';
import type { QueueKeys } from './keys.js';
import type { RedisClient } from './redis-clients.js';
import { heartbeatScript } from './scripts/heartbeat.script.js';
import { toCall, type CompiledScript } from './scripts/script.js';
import { HEARTBEAT_THREAD, type HeartbeatCommand, type HeartbeatServer } from './heartbeat-thread.code.js';

/** The number of pulses of the main thread in a lease, within limits. A pulse shows that the main thread runs. */
const PULSES_IN_A_LEASE = 12;
const FASTEST_PULSE = 50;
const SLOWEST_PULSE = 500;
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
  readonly keys: Pick<QueueKeys, 'consumers' | 'meta' | 'marker'>;
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
 * If the thread cannot run (an option of the connection cannot be copied to it), only this protection is missing.
 */
export class HeartbeatThread {
  private readonly pulse = new Int32Array(new SharedArrayBuffer(4));
  private readonly leases = new Set<LeaseToProlong>();
  private thread: Thread | undefined;
  private beating: NodeJS.Timeout | undefined;
  private interval = 0;
  private unable = false;

  constructor(
    private readonly client: RedisClient,
    private readonly heartbeat: CompiledScript,
  ) {
    for (const event of CHANGES) client.on(event, this.update);
  }

  add(lease: LeaseToProlong): ProlongedLease {
    this.leases.add(lease);
    this.update();
    return {
      remove: () => {
        if (this.leases.delete(lease)) this.update();
      },
    };
  }

  async close(): Promise<void> {
    for (const event of CHANGES) this.client.off(event, this.update);
    clearInterval(this.beating);
    this.interval = 0;
    this.leases.clear();
    const { thread } = this;
    this.thread = undefined;
    await thread?.terminate();
  }

  private readonly update = (): void => {
    if (this.unable || (this.leases.size === 0 && !this.thread)) return;
    try {
      this.thread ??= this.start();
      const interval = this.beat();
      const commands = [...this.leases].map(this.toCommand);
      this.thread.postMessage({ server: describeServer(this.client), commands, interval });
    } catch {
      // An option cannot be copied to another thread, such as a function among the TLS options.
      this.unable = true;
      void this.close();
    }
  };

  private start(): Thread {
    // It needs no module that the application makes Node load first.
    const thread = new Thread(HEARTBEAT_THREAD, { eval: true, workerData: this.pulse.buffer, execArgv: [] });
    thread.unref();
    thread.on('error', () => {
      if (this.thread === thread) this.thread = undefined;
    });
    return thread;
  }

  /** Beats as often as the shortest lease needs. Returns the interval in milliseconds. */
  private beat(): number {
    const shortest = Math.min(...[...this.leases].map(({ lease }) => lease));
    const interval = Math.max(FASTEST_PULSE, Math.min(SLOWEST_PULSE, Math.round(shortest / PULSES_IN_A_LEASE)));
    if (interval !== this.interval) {
      this.interval = interval;
      clearInterval(this.beating);
      this.beating = setInterval(() => Atomics.add(this.pulse, 0, 1), interval).unref();
    }
    return interval;
  }

  private readonly toCommand = ({
    keys,
    consumer,
    lease,
    interval,
    grace,
    every,
  }: LeaseToProlong): HeartbeatCommand => {
    const call = toCall(heartbeatScript, { keys, args: { consumer, lease, interval, grace, next: every } });
    return {
      every,
      giveUpAfter: lease * 10,
      words: ['EVAL', this.heartbeat.source, ...call.map(String)],
    };
  };
}

/**
 * Describes the server that the client is connected to; in a cluster any node, which redirects the thread to the right
 * node.
 */
function describeServer(client: RedisClient): HeartbeatServer {
  const node = 'nodes' in client ? client.nodes('master')[0] : client;
  if (!node) throw new Error('no node is known');
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
