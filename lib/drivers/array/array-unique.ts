import type { MonotonicClock } from '../../support/clock.js';
import type { ArrayJob } from './array-job.js';
import { ExpiringMap } from './expiring-map.js';

/** The job that has a key. */
export interface KeyOwner {
  readonly id: string;
  /** True if the job has ended, or has started, and keeps its key only for its time. */
  readonly isThrottled: boolean;
}

/** A key that is kept although its job does not need it any more. */
interface Throttle {
  readonly id: string;
  readonly key: string;
}

/** Holds the keys of unique jobs of all queues, as `UniqueKey` describes. */
export class ArrayUnique {
  /** The ids of jobs that need their keys, by queue and key. */
  private readonly owners = new Map<string, string>();
  private readonly throttles: ExpiringMap<Throttle>;
  /** The throttled keys of jobs, by queue and id. */
  private readonly byJob: ExpiringMap<string>;

  constructor(private readonly clock: MonotonicClock) {
    this.throttles = new ExpiringMap(0, clock);
    this.byJob = new ExpiringMap(0, clock);
  }

  ownerOf(queue: string, key: string): KeyOwner | undefined {
    const slot = slotOf(queue, key);
    const id = this.owners.get(slot);
    if (id !== undefined) return { id, isThrottled: false };
    const throttle = this.throttles.get(slot);
    return throttle && { id: throttle.id, isThrottled: true };
  }

  /** Gives a job its key. A throttle of that key ends. */
  take({ id, queue, traits }: ArrayJob): void {
    if (!traits.unique) return;
    const slot = slotOf(queue, traits.unique.key);
    const throttle = this.throttles.get(slot);
    if (throttle) this.endThrottle(queue, throttle.id);
    this.owners.set(slot, id);
  }

  /** A job was claimed. */
  started(job: ArrayJob): void {
    if (job.traits.unique?.until === 'start') this.free(job, false);
  }

  /**
   * Frees the key of a job, if the job still has it.
   *
   * @param atOnce also if it would stay taken for a time
   */
  free({ id, queue, pushedAt, traits }: ArrayJob, atOnce: boolean): void {
    if (!traits.unique) return;
    const { key, for: duration = 0 } = traits.unique;
    const slot = slotOf(queue, key);
    if (this.owners.get(slot) === id) {
      this.owners.delete(slot);
      const left = pushedAt + Math.ceil(duration * 1000) - this.clock.now();
      if (left > 0) {
        this.endThrottle(queue, id);
        this.throttles.set(slot, { id, key }, left);
        this.byJob.set(slotOf(queue, id), key, left);
      }
    }
    if (atOnce && this.byJob.get(slotOf(queue, id)) === key) this.endThrottle(queue, id);
  }

  /** Frees the key that a job keeps only for its time. */
  endThrottle(queue: string, id: string): void {
    const key = this.byJob.get(slotOf(queue, id));
    if (key === undefined) return;
    this.byJob.delete(slotOf(queue, id));
    if (this.throttles.get(slotOf(queue, key))?.id === id) this.throttles.delete(slotOf(queue, key));
  }

  /** Frees all keys of a queue. */
  clear(queue: string): void {
    const isOf = (slot: string): boolean => slot.startsWith(slotOf(queue, ''));
    for (const slot of this.owners.keys()) if (isOf(slot)) this.owners.delete(slot);
    for (const throttled of [this.throttles, this.byJob]) {
      for (const [slot] of throttled) if (isOf(slot)) throttled.delete(slot);
    }
  }
}

/** No name of a queue contains a space. */
function slotOf(queue: string, name: string): string {
  return `${queue} ${name}`;
}
