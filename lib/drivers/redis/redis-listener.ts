import type { Clock, Timer } from '../../support/clock.js';
import type { QueueListener } from '../queue-driver.interface.js';
import type { RedisClient } from './redis-clients.js';

/** How long one blocking wait lasts, in seconds. */
const BLOCK = 5;
/** How much later than that its answer may come before the connection is taken to be dead, in milliseconds. */
const TOLERANCE = 1_000;
/** The pause after a wait that failed, in milliseconds. */
const RETRY_PAUSE = 500;
/** How long to wait for the server to notice that a connection is closed, in milliseconds. */
const FAREWELL = 1_000;

/**
 * Waits in Redis until somebody sets the marker of one of the queues. Taking the marker is what wakes: one push wakes one.
 *
 * A wait in Redis outlives the wait that began it (nothing is gained by breaking it off); a marker that it takes when
 * nobody waits here any more goes back, for another listener.
 */
export class RedisListener implements QueueListener {
  private readonly watches: MarkerWatch[];
  private readonly markers = new Map<string, string>();
  private waiter: ((queue: string | null) => void) | undefined;
  private closed = false;

  /**
   * @param groups the markers that one connection can wait for together, as marker -> queue: all of them, or those of one
   *   queue in a cluster
   * @param losses how often another connection to the same server was lost
   */
  constructor(
    groups: readonly { client: RedisClient; markers: ReadonlyMap<string, string> }[],
    private readonly clock: Clock,
    private readonly putBack: (marker: string) => void,
    losses: () => number,
  ) {
    for (const group of groups) for (const [marker, queue] of group.markers) this.markers.set(queue, marker);
    this.watches = groups.map(
      ({ client, markers }) => new MarkerWatch(client, markers, clock, this.onMarker, putBack, losses),
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
    if (marker !== undefined && !this.closed) this.putBack(marker);
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
      else this.putBack(marker);
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

  constructor(
    private readonly client: RedisClient,
    private readonly markers: ReadonlyMap<string, string>,
    private readonly clock: Clock,
    /** Is told of each end of a wait; answers whether to wait on. */
    private readonly onEnd: (marker: string | null, queue: string | null) => boolean,
    private readonly putBack: (marker: string) => void,
    private readonly losses: () => number,
  ) {
    client.on('error', ignore);
    this.lossesSeen = losses();
  }

  arm(): void {
    if (this.armed || this.closed) return;
    this.armed = true;
    void this.block();
  }

  /** A marker that was taken for this wait while it was closed would be lost: another one looks in its place. */
  async close(): Promise<void> {
    this.closed = true;
    this.watchdog?.cancel();
    this.pause?.cancel();
    const open = this.armed && this.client.status === 'ready';
    this.client.disconnect();
    if (!open) return;
    await this.ended();
    for (const marker of this.markers.keys()) this.putBack(marker);
  }

  /** Not before the server has noticed, or else it hands the marker to this very wait. */
  private async ended(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = this.clock.after(FAREWELL, resolve);
      this.client.once('end', () => {
        timer.cancel();
        resolve();
      });
    });
  }

  private async block(): Promise<void> {
    let marker: string | null = null;
    let failed = false;
    this.renewIfDoubtful();
    this.watch();
    try {
      marker = (await this.client.bzpopmin(...this.markers.keys(), BLOCK))?.[0] ?? null;
    } catch {
      failed = true;
    }
    this.watchdog?.cancel();
    this.armed = false;
    if (this.closed) return;
    const goOn = this.onEnd(marker, marker === null ? null : (this.markers.get(marker) ?? null));
    if (!goOn) return;
    if (failed) this.pause = this.clock.after(RETRY_PAUSE, () => this.arm());
    else this.arm();
  }

  /** What took another connection away may have taken this one too, and that would show only when a wait is overdue. */
  private renewIfDoubtful(): void {
    const losses = this.losses();
    if (losses === this.lossesSeen) return;
    this.lossesSeen = losses;
    if (this.client.status === 'ready') this.client.disconnect(true);
  }

  private watch(): void {
    this.watchdog = this.clock.after(BLOCK * 1000 + TOLERANCE, () => {
      // Also one that was never greeted. All others are being renewed.
      if (this.client.status === 'ready' || this.client.status === 'connect') this.client.disconnect(true);
      this.watch();
    });
  }
}

function ignore(): void {
  // The connection tries again by itself; the one for commands is the one that reports trouble.
}
