import type { Redis } from 'ioredis';
import type { Clock, Timer } from '../../support/clock.js';
import type { QueueLogger } from '../../support/queue-logger.js';
import type { RedisConnection } from './redis-connection.js';

/** How long after a loss was told no other one is, unless it lasts until then, in milliseconds. */
const CALM = 10_000;

export type LogOfLosses = Pick<QueueLogger, 'warn' | 'log'>;

/**
 * Tells when a connection that was there is lost, and when it is back: one line each, and of one that comes and goes only now
 * and then. Of a cluster it tells that of each node.
 */
export class ConnectionLog {
  private readonly links = new Map<string, Link>();
  private wasReady = false;

  constructor(
    private readonly connection: RedisConnection,
    private readonly clock: Clock,
    private readonly logger: LogOfLosses,
  ) {
    const { client } = connection;
    client.on('ready', this.onReady);
    if (client.isCluster) client.on('+node', this.onNodeFound).on('-node', this.onNodeLost);
    else client.on('close', this.onClose);
  }

  close(): void {
    const { client } = this.connection;
    client.off('ready', this.onReady).off('close', this.onClose);
    client.off('+node', this.onNodeFound).off('-node', this.onNodeLost);
    for (const link of this.links.values()) link.forget();
  }

  private linkTo(name: string): Link {
    let link = this.links.get(name);
    if (!link) {
      link = new Link(name, this.clock, this.logger);
      this.links.set(name, link);
    }
    return link;
  }

  private lost(name: string): void {
    if (!this.wasReady) return;
    const { cause } = this.connection.lastTrouble ?? {};
    this.linkTo(name).lost(cause instanceof Error ? ` (${cause.message})` : '');
  }

  private readonly onReady = (): void => {
    this.wasReady = true;
    this.links.get(this.connection.address)?.back();
  };

  private readonly onClose = (): void => {
    this.lost(this.connection.address);
  };

  private readonly onNodeFound = (node: Redis): void => {
    node.on('ready', () => this.links.get(nameOf(node))?.back());
  };

  private readonly onNodeLost = (node: Redis): void => {
    this.lost(nameOf(node));
  };
}

/** One connection, and what was told of it. */
class Link {
  private away = false;
  private told = false;
  private calmUntil = -Infinity;
  private later: Timer | undefined;

  constructor(
    private readonly name: string,
    private readonly clock: Clock,
    private readonly logger: LogOfLosses,
  ) {}

  lost(reason: string): void {
    if (this.away) return;
    this.away = true;
    const tell = (): void => {
      this.told = true;
      this.calmUntil = this.clock.now() + CALM;
      this.logger.warn(`${this.name} is not connected any more${reason}; connecting again`);
    };
    const wait = this.calmUntil - this.clock.now();
    if (wait > 0) this.later = this.clock.after(wait, tell);
    else tell();
  }

  back(): void {
    this.forget();
    this.away = false;
    if (!this.told) return;
    this.told = false;
    this.logger.log(`${this.name} is connected again`);
  }

  forget(): void {
    this.later?.cancel();
  }
}

function nameOf({ options: { host, port } }: Redis): string {
  return `Node ${host}:${port} of the Redis Cluster`;
}
