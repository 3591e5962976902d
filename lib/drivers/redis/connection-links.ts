import type { Cluster, Redis } from 'ioredis';
import type { RedisClient } from './redis-clients.js';

/** Called with the name of the server, or of the node of a cluster. */
export type LinkListener = (name: string) => void;

/**
 * Follows the connection to a server, or those to the nodes of a cluster, and reports each loss and each return once. A
 * failed attempt to connect is no loss, and the first connection is no return.
 */
export class ConnectionLinks {
  /** Maps the name of a link to true if the link is up. A link that was never up is not in it. */
  private readonly up = new Map<string, boolean>();
  /** The nodes of a cluster, each with the end of its watch. */
  private readonly nodes = new Map<Redis, () => void>();

  /** @param name the name of a single server in messages */
  constructor(
    private readonly client: RedisClient,
    private readonly name: string,
    private readonly onLost: LinkListener,
    private readonly onBack: LinkListener,
  ) {
    if (client.isCluster) {
      client.on('+node', this.addNode).on('-node', this.removeNode);
      // A client that the application shares may have found its nodes already.
      for (const node of (client as Cluster).nodes()) this.addNode(node);
    } else {
      client.on('ready', this.onReady).on('close', this.onClose);
      if (client.status === 'ready') this.onReady();
    }
  }

  close(): void {
    this.client.off('+node', this.addNode).off('-node', this.removeNode);
    this.client.off('ready', this.onReady).off('close', this.onClose);
    for (const unwatch of this.nodes.values()) unwatch();
    this.nodes.clear();
  }

  private readonly onReady = (): void => this.setUp(this.name);

  private readonly onClose = (): void => this.setDown(this.name);

  private readonly addNode = (node: Redis): void => {
    const name = nameOf(node);
    const onReady = (): void => this.setUp(name);
    const onClose = (): void => this.setDown(name);
    node.on('ready', onReady).on('close', onClose);
    this.nodes.set(node, () => void node.off('ready', onReady).off('close', onClose));
    if (node.status === 'ready') onReady();
  };

  /** Removes a node. ioredis may drop a node before its connection is closed: it replaces stale connections. */
  private readonly removeNode = (node: Redis): void => {
    this.nodes.get(node)?.();
    this.nodes.delete(node);
    this.setDown(nameOf(node));
  };

  private setUp(name: string): void {
    const before = this.up.get(name);
    this.up.set(name, true);
    if (before === false) this.onBack(name);
  }

  private setDown(name: string): void {
    if (!this.up.get(name)) return;
    this.up.set(name, false);
    this.onLost(name);
  }
}

function nameOf({ options: { host, port } }: Redis): string {
  return `Node ${host}:${port} of the Redis Cluster`;
}
