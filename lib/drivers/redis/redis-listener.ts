import type { Clock, Timer } from '../../support/clock.js';
import { onDeadline } from '../../support/deadline.js';
import type { QueueListener } from '../queue-driver.interface.js';
import type { RedisClient } from './redis-clients.js';
import type { WaitingHealth } from './waiting-log.js';

/** The length of one blocking wait, in seconds. */
const BLOCK = 5;
/** The delay of its answer after which the connection counts as dead, in milliseconds. */
const TOLERANCE = 1_000;
/** The pause after a blocking wait that failed, in milliseconds. */
const RETRY_PAUSE = 500;
/** The longest wait for the server to close a connection, in milliseconds. */
const CLOSE_TIMEOUT = 1_000;

/**
 * Waits in Redis until a marker of one of its queues is set. The listener that takes the marker wakes: one push wakes
 * one listener.
 *
 * A blocking wait in Redis goes on after the wait of the caller has ended, because to break it off would gain nothing.
 * If it takes a marker when no caller waits any more, the listener sets the marker again, for another listener.
 */
export class RedisListener implements QueueListener {
  private readonly watches: MarkerWatch[];
  private readonly markers = new Map<string, string>();
  private waiter: ((queue: string | null) => void) | undefined;
  private closed = false;

  /**
   * @param groups the markers that one connection can wait for together, as marker -> queue: all markers, or in a cluster the
   *   marker of one queue
   * @param restore sets a marker again
   * @param losses returns how often another connection to the same server was lost
   */
  constructor(
    groups: readonly { client: RedisClient; markers: ReadonlyMap<string, string>; health: WaitingHealth }[],
    private readonly clock: Clock,
    private readonly restore: (marker: string) => void,
    losses: () => number,
  ) {
    for (const group of groups) for (const [marker, queue] of group.markers) this.markers.set(queue, marker);
    this.watches = groups.map(
      ({ client, markers, health }) => new MarkerWatch(client, markers, health, clock, this.onMarker, restore, losses),
    );
  }

  async wait(milliseconds: number): Promise<string | null> {
    if (this.closed) return null;
    return new Promise<string | null>((resolve) => {
      const timer = this.clock.after(milliseconds, () => this.waiter?.(null));
      this.waiter = (queue) => {
        this.waiter = undefined;
        timer.cancel();
        resolve(queue);
      };
      for (const watch of this.watches) watch.arm();
    });
  }

  pass(queue: string): void {
    const marker = this.markers.get(queue);
    if (marker !== undefined && !this.closed) this.restore(marker);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    this.waiter?.(null);
    await Promise.all(this.watches.map((watch) => watch.close()));
  }

  private readonly onMarker = (marker: string | null, queue: string | null): boolean => {
    if (marker !== null && queue !== null) {
      if (this.waiter) this.waiter(queue);
      else this.restore(marker);
    }
    return this.waiter !== undefined;
  };
}

/** The blocking wait of one connection. */
class MarkerWatch {
  private armed = false;
  private closed = false;
  private watchdog: Timer | undefined;
  private pause: Timer | undefined;
  private lossesSeen: number;
  private hasFailed = false;
  /** The last error of the connection since its last answer. */
  private lastError: unknown;

  constructor(
    private readonly client: RedisClient,
    private readonly markers: ReadonlyMap<string, string>,
    private readonly health: WaitingHealth,
    private readonly clock: Clock,
    /** Called at the end of each blocking wait. Returns true to wait on. */
    private readonly onEnd: (marker: string | null, queue: string | null) => boolean,
    private readonly restore: (marker: string) => void,
    private readonly losses: () => number,
  ) {
    client.on('error', (error: unknown) => (this.lastError = error));
    this.lossesSeen = losses();
  }

  arm(): void {
    if (this.armed || this.closed) return;
    this.armed = true;
    void this.block();
  }

  /**
   * Closes the connection. Sets its markers again, because a marker that the server handed to this wait meanwhile would
   * be lost.
   */
  async close(): Promise<void> {
    this.closed = true;
    this.health.closed();
    this.watchdog?.cancel();
    this.pause?.cancel();
    const open = this.armed && this.client.status === 'ready';
    this.client.disconnect();
    if (!open) return;
    await this.ended();
    for (const marker of this.markers.keys()) this.restore(marker);
  }

  /**
   * Waits until the server has closed the connection. Before that, the server would hand a restored marker to this dead
   * wait.
   */
  private async ended(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.clock.after(CLOSE_TIMEOUT, resolve);
      this.client.once('end', () => {
        timer.cancel();
        resolve();
      });
    });
  }

  private async block(): Promise<void> {
    let marker: string | null = null;
    let failure: unknown;
    this.renewIfDoubtful();
    this.watch();
    try {
      marker = (await this.client.bzpopmin(...this.markers.keys(), BLOCK))?.[0] ?? null;
    } catch (error) {
      failure = error;
    }
    this.watchdog?.cancel();
    this.armed = false;
    if (this.closed) return;
    if (failure === undefined) {
      if (this.hasFailed) this.health.succeeded();
      this.hasFailed = false;
      this.lastError = undefined;
    } else {
      this.hasFailed = true;
      this.health.failed(this.lastError ?? failure);
    }
    const goOn = this.onEnd(marker, marker === null ? null : (this.markers.get(marker) ?? null));
    if (!goOn) return;
    if (failure !== undefined) this.pause = this.clock.after(RETRY_PAUSE, () => this.arm());
    else this.arm();
  }

  /**
   * Renews the connection if another connection was lost: the same cause may have cut it, and only an overdue wait
   * would show that.
   */
  private renewIfDoubtful(): void {
    const losses = this.losses();
    if (losses === this.lossesSeen) return;
    this.lossesSeen = losses;
    if (this.client.status === 'ready') this.client.disconnect(true);
  }

  private watch(): void {
    this.watchdog = this.clock.after(BLOCK * 1000, () => {
      this.watchdog = onDeadline(this.clock, TOLERANCE, () => {
        // `connect`: the server has not greeted. With any other status ioredis already connects.
        if (this.client.status === 'ready' || this.client.status === 'connect') this.client.disconnect(true);
        this.hasFailed = true;
        this.health.failed(this.lastError ?? new Error('no answer'));
        this.watch();
      });
    });
  }
}
