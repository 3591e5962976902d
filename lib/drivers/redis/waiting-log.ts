import type { ConnectionLogger } from './connection-log.js';
import type { RedisConnection } from './redis-connection.js';
import { translateError } from './redis-errors.js';

/** The number of failures in a row after which a connection to wait on is in trouble. */
const FAILURES = 3;

/** Follows the blocking waits of one connection. */
export interface WaitingHealth {
  failed(reason: unknown): void;
  succeeded(): void;
  closed(): void;
}

/**
 * Logs if the connections to wait on fail again and again while the connection for commands is fine, for example
 * because the user may not block: jobs then start late. Logs it once, and once when all of them work again. If both
 * kinds fail, the log of the connection for commands is enough.
 */
export class WaitingLog {
  private readonly troubled = new Set<object>();
  private isLogged = false;

  constructor(
    private readonly connection: RedisConnection,
    private readonly logger: ConnectionLogger | undefined,
  ) {}

  /** @returns the view of one connection */
  open(): WaitingHealth {
    const link = {};
    let failures = 0;
    return {
      failed: (reason) => {
        if (++failures >= FAILURES) this.trouble(link, reason);
      },
      succeeded: () => {
        if (failures >= FAILURES && this.forget(link)) this.logger?.log(`${this.waits} wait for jobs again`);
        failures = 0;
      },
      closed: () => void this.forget(link),
    };
  }

  private get waits(): string {
    return `${this.connection.server}: workers`;
  }

  private trouble(link: object, reason: unknown): void {
    if (!this.connection.isReady) return;
    this.troubled.add(link);
    if (this.isLogged) return;
    this.isLogged = true;
    const { error } = translateError(reason, { server: this.connection.server });
    const cause = error.cause instanceof Error ? error.cause.message : error.message;
    this.logger?.warn(`${this.waits} cannot wait for jobs (${cause}); they look for jobs every 5 s`);
  }

  /** Returns true if it was the last connection in trouble. */
  private forget(link: object): boolean {
    const wasLast = this.troubled.delete(link) && this.troubled.size === 0 && this.isLogged;
    if (wasLast) this.isLogged = false;
    return wasLast;
  }
}
