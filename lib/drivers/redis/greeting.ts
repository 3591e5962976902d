import { UnsupportedServerError } from '../../queue.errors.js';
import type { RedisClient } from './redis-clients.js';

/**
 * Returns an error if the server does not know the command with which ioredis asks whether it is ready; ioredis asks it
 * again and again.
 */
export function toGreetingRefusal(raw: unknown, server: string): UnsupportedServerError | undefined {
  const { name, message, command } = (raw ?? {}) as { name?: string; message?: string; command?: { name?: string } };
  if (name !== 'ReplyError' || command?.name !== 'info' || !/unknown|unsupported|invalid/i.test(message ?? '')) {
    return undefined;
  }
  return new UnsupportedServerError(server, `a server that refuses INFO (${message})`);
}

/** Notes that a single server accepts connections, and closes them before it has answered: proxies do so, and TLS ports. */
export class HangUps {
  private isConnected = false;
  private hasHungUp = false;

  constructor(private readonly client: RedisClient) {
    client.on('connect', this.onConnect).on('ready', this.onReady).on('close', this.onClose);
  }

  /**
   * Returns a part of the message that the server cannot be reached; empty if it does not hang up.
   *
   * @param cause the last error of the connection
   */
  hintFor(cause: Error | undefined): string {
    if (!this.hasHungUp || (cause && !/EPIPE|ECONNRESET/.test(cause.message))) return '';
    return (
      '. It closes each connection before it has answered HELLO or INFO: a proxy such as Twemproxy or Envoy cannot ' +
      'serve, a port for TLS needs "rediss://" or "redis.tls", and a server with too many clients does so as well'
    );
  }

  close(): void {
    this.client.off('connect', this.onConnect).off('ready', this.onReady).off('close', this.onClose);
  }

  private readonly onConnect = (): void => void (this.isConnected = true);

  private readonly onReady = (): void => {
    this.isConnected = false;
    this.hasHungUp = false;
  };

  private readonly onClose = (): void => {
    this.hasHungUp = this.isConnected && !this.client.isCluster;
    this.isConnected = false;
  };
}
