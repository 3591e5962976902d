import type { MonotonicClock, Timer } from '../../support/clock.js';
import { errorReason } from '../../support/error-text.js';
import type { QueueLogger } from '../../support/queue-logger.js';
import type { RedisConnection } from './redis-connection.js';

/** The shortest time between two warnings of losses of a connection, unless a loss lasts that long; milliseconds. */
const CALM = 10_000;

export type ConnectionLogger = Pick<QueueLogger, 'warn' | 'log'>;

/**
 * Logs the loss of a connection, and its return: one line each. Logs a connection that is lost again and again only now
 * and then, and each node of a cluster by itself.
 */
export class ConnectionLog {
  private readonly histories = new Map<string, LinkHistory>();
  private readonly unsubscribe: readonly (() => void)[];

  constructor(
    private readonly connection: RedisConnection,
    private readonly clock: MonotonicClock,
    private readonly logger: ConnectionLogger,
  ) {
    this.unsubscribe = [
      connection.onLost((name) => this.logLoss(name)),
      connection.onBack((name) => this.histories.get(name)?.logReturn()),
    ];
  }

  close(): void {
    for (const unsubscribe of this.unsubscribe) unsubscribe();
    for (const history of this.histories.values()) history.cancel();
  }

  private logLoss(name: string): void {
    // The application has closed its own client.
    if (this.connection.isEnded) return;
    const { cause } = this.connection.lastTrouble ?? {};
    let history = this.histories.get(name);
    if (!history) {
      history = new LinkHistory(name, this.clock, this.logger);
      this.histories.set(name, history);
    }
    const reason = errorReason(cause);
    history.logLoss(reason && ` (${reason})`);
  }
}

/** A connection, and the lines that were logged about it. */
class LinkHistory {
  private isLossLogged = false;
  private calmUntil = -Infinity;
  private postponed: Timer | undefined;

  constructor(
    private readonly name: string,
    private readonly clock: MonotonicClock,
    private readonly logger: ConnectionLogger,
  ) {}

  logLoss(reason: string): void {
    const log = (): void => {
      this.isLossLogged = true;
      this.calmUntil = this.clock.monotonic() + CALM;
      this.logger.warn(`${this.name} is not connected any more${reason}; connecting again`);
    };
    const wait = this.calmUntil - this.clock.monotonic();
    if (wait > 0) this.postponed = this.clock.after(wait, log);
    else log();
  }

  logReturn(): void {
    this.cancel();
    if (!this.isLossLogged) return;
    this.isLossLogged = false;
    this.logger.log(`${this.name} is connected again`);
  }

  cancel(): void {
    this.postponed?.cancel();
  }
}
