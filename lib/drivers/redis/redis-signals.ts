import type { RedisClient } from './redis-clients.js';
import type { RedisToolkit } from './redis-toolkit.js';

/** Listens to a channel. */
export interface ChannelListener {
  message(text: string): void;
  /** Called each time when the server begins to send messages: messages before that are lost. */
  began?(): void;
  /** Called if the server refuses the channel. */
  refused?(error: Error): void;
}

/**
 * Sends signals to the consumers of a queue, and passes on the messages that arrive: a consumer that gets a signal polls at
 * once.
 *
 * It needs a connection of its own, since a connection that subscribes to channels takes no other commands. The
 * connection is opened for the first listener, and closed after the last one. A signal that gets lost is made up for by the next sign of life of the
 * consumer; so no error of this connection is reported.
 */
export class RedisSignals {
  private client: RedisClient | undefined;
  private readonly listeners = new Map<string, Set<ChannelListener>>();

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
    return this.listen(this.channelOf(queue), { message: listener });
  }

  /** Listens to a channel. @returns a function that stops it */
  listen(channel: string, listener: ChannelListener): () => void {
    const known = this.listeners.get(channel);
    const all = known ?? new Set();
    all.add(listener);
    if (!known) {
      this.listeners.set(channel, all);
      this.subscribe(this.open(), channel);
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
    client.on('message', (channel: string, text: string) => {
      for (const listener of this.listeners.get(channel) ?? []) listener.message(text);
    });
    let isFirst = true;
    client.on('ready', () => {
      // A second subscription changes nothing, and its reply tells when the server sends messages again.
      if (!isFirst) for (const channel of this.listeners.keys()) this.subscribe(client, channel);
      isFirst = false;
    });
    return (this.client = client);
  }

  private subscribe(client: RedisClient, channel: string): void {
    const each = (call: (listener: ChannelListener) => void): void => {
      if (client === this.client) for (const listener of this.listeners.get(channel) ?? []) call(listener);
    };
    client.subscribe(channel).then(
      () => each((listener) => listener.began?.()),
      (error: Error) => {
        if (isReplyError(error)) each((listener) => listener.refused?.(error));
      },
    );
  }

  private channelOf(queue: string): string {
    return this.toolkit.keys.channelOf(queue);
  }
}

/** Returns true if the server refused the command. Any other error is one of the connection, which begins anew by itself. */
function isReplyError(error: Error): boolean {
  return error.name === 'ReplyError';
}

function ignore(): void {
  // See the class.
}
