import type { RedisClient } from './redis-clients.js';
import type { RedisToolkit } from './redis-toolkit.js';

/**
 * Sends signals to the consumers of a queue, and passes on the signals that arrive: a consumer that gets one polls at
 * once.
 *
 * It needs a connection of its own, since a connection that subscribes to channels takes no other commands. The
 * connection is opened for the first listener, and closed after the last one. A signal that gets lost is made up for by the next sign of life of the
 * consumer; so no error of this connection is reported.
 */
export class RedisSignals {
  private client: RedisClient | undefined;
  private readonly listeners = new Map<string, Set<() => void>>();

  constructor(
    private readonly toolkit: RedisToolkit,
    private readonly connect: () => RedisClient,
  ) {}

  /** Sends a signal to each consumer of the queue. */
  send(queue: string): void {
    const channel = this.channelOf(queue);
    this.toolkit.commands.call((client) => client.publish(channel, ''), 'once', { queue }).catch(ignore);
  }

  /** Calls the listener at each signal of a queue. @returns a function that stops the calls */
  add(queue: string, listener: () => void): () => void {
    const channel = this.channelOf(queue);
    const known = this.listeners.get(channel);
    const all = known ?? new Set();
    all.add(listener);
    if (!known) {
      this.listeners.set(channel, all);
      this.open().subscribe(channel).catch(ignore);
    }
    return () => {
      all.delete(listener);
      if (all.size > 0 || this.listeners.get(channel) !== all) return;
      this.listeners.delete(channel);
      if (this.listeners.size === 0) this.close();
      else this.client?.unsubscribe(channel).catch(ignore);
    };
  }

  close(): void {
    this.listeners.clear();
    this.client?.disconnect();
    this.client = undefined;
  }

  private open(): RedisClient {
    if (this.client) return this.client;
    const client = this.connect();
    client.on('error', ignore);
    client.on('message', (channel: string) => {
      for (const listener of this.listeners.get(channel) ?? []) listener();
    });
    return (this.client = client);
  }

  private channelOf(queue: string): string {
    return this.toolkit.keys.channelOf(queue);
  }
}

function ignore(): void {
  // See the class.
}
