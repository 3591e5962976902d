import type { QueueInfo } from '../admin/queue-info.js';
import type { HealthLimits } from './health-options.js';

/** A queue in the result of a health check. */
export interface QueueHealthDetails {
  /** Those that a limit blocks included. */
  readonly ready: number;
  /** In seconds; `null` if no job is ready. */
  readonly oldestReadyAge: number | null;
  /** How many workers work it, in all processes. */
  readonly workers: number;
  /** True if it is paused: then neither `maxReady` nor `maxAge` counts. */
  readonly paused: boolean;
}

/** The state of the queues, as it is shown. */
export interface QueueHealthState {
  readonly status: 'up' | 'down';
  /** Why the state is `down`; missing if it is `up`. */
  readonly message?: string;
  /** The queues that were looked at; missing if none were. */
  readonly queues?: Readonly<Record<string, QueueHealthDetails>>;
  /** Why it could not be told, as `ERR_...`; missing if it could. */
  readonly code?: string;
}

/** The result of a check, in the shape that `HealthCheckService.check()` of `@nestjs/terminus` takes. */
export type QueueHealthResult<Key extends string = string> = Record<Key, QueueHealthState>;

/** Says what is wrong with a queue; nothing if it is well. */
export function findFaults(
  { name, paused, counts, oldestReadyAge }: QueueInfo,
  workers: number,
  limits: HealthLimits,
): string[] {
  const faults: string[] = [];
  const ready = counts.ready + counts.blocked;
  // Jobs of a paused queue wait because an operator said so.
  if (!paused && ready > limits.maxReady) {
    faults.push(`queue ${name} has ${ready} ready jobs, more than ${limits.maxReady}`);
  }
  if (!paused && oldestReadyAge !== null && oldestReadyAge * 1000 > limits.maxAge) {
    const longest = limits.maxAge / 1000;
    faults.push(`queue ${name} has a job that has been ready for ${oldestReadyAge} s, longer than ${longest} s`);
  }
  if (limits.queues && workers < limits.minWorkers) {
    faults.push(`queue ${name} has ${workers} workers, fewer than ${limits.minWorkers}`);
  }
  return faults;
}
