import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { defineJob, Job, JobNotFoundError, QueueManager, type JobHandlerOf } from 'nestjs-job-queue';

export interface SnapshotRequest {
  readonly userId: string;
  readonly currency: string;
  readonly filters: readonly string[];
}

export interface Snapshot {
  readonly userId: string;
  readonly value: number;
}

export interface CachedSnapshot {
  readonly snapshot: Snapshot;
  readonly isExpired: boolean;
}

/** Where snapshots are kept: an expired one is still better than none. */
export abstract class SnapshotCache {
  abstract read(key: string): Promise<CachedSnapshot | undefined>;
  abstract write(key: string, snapshot: Snapshot): Promise<void>;
}

/** Computes the value of a portfolio, which may take minutes. */
export abstract class Calculator {
  abstract compute(request: SnapshotRequest): Promise<number>;
}

export class SnapshotUnavailableError extends Error {
  override readonly name = 'SnapshotUnavailableError';
}

/** Its id is the key of the cache, and it is free again when the job has ended. */
export const ComputeSnapshot = defineJob<SnapshotRequest>('compute-snapshot', {
  queue: 'snapshots',
  maxTries: 2,
  retention: { completed: 0 },
});

/** A portfolio has changed: five seconds after the last change its snapshot is computed. */
export const PortfolioChanged = defineJob<SnapshotRequest>('portfolio-changed', {
  queue: 'changes',
  debounce: { key: ({ userId }) => userId, wait: '5s' },
  retention: { completed: 0 },
});

const [LOW, HIGH] = [-10, 10];
const MOST_ROUNDS = 3;

@Injectable()
export class SnapshotService {
  constructor(
    private readonly queue: QueueManager,
    private readonly cache: SnapshotCache,
  ) {}

  /**
   * Answers from the cache, and has an expired snapshot computed in the background. Without one it waits for the computation.
   *
   * @throws SnapshotUnavailableError if the cache has no snapshot after three computations
   */
  async read(request: SnapshotRequest): Promise<Snapshot> {
    const id = snapshotKey(request);
    for (let round = 0; round <= MOST_ROUNDS; round++) {
      const cached = await this.cache.read(id);
      if (cached?.isExpired) await this.queue.push(ComputeSnapshot, request, { id, unique: true, priority: LOW });
      if (cached) return cached.snapshot;
      if (round < MOST_ROUNDS) await this.compute(id, request);
    }
    throw new SnapshotUnavailableError(`No snapshot after ${MOST_ROUNDS} computations`);
  }

  /** Tells that a portfolio has changed. */
  async changed(request: SnapshotRequest): Promise<void> {
    await this.queue.push(PortfolioChanged, request);
  }

  private async compute(id: string, request: SnapshotRequest): Promise<void> {
    try {
      await this.queue.pushAndWait(ComputeSnapshot, request, { id, unique: true, priority: HIGH, timeout: '5m' });
    } catch (error) {
      // The job was there, and has ended meanwhile: the cache knows more.
      if (!(error instanceof JobNotFoundError)) throw error;
    }
  }
}

@Job(ComputeSnapshot)
export class ComputeSnapshotHandler implements JobHandlerOf<typeof ComputeSnapshot> {
  constructor(
    private readonly calculator: Calculator,
    private readonly cache: SnapshotCache,
  ) {}

  async handle(request: SnapshotRequest): Promise<void> {
    const value = await this.calculator.compute(request);
    await this.cache.write(snapshotKey(request), { userId: request.userId, value });
  }
}

@Job(PortfolioChanged)
export class PortfolioChangedHandler implements JobHandlerOf<typeof PortfolioChanged> {
  constructor(private readonly queue: QueueManager) {}

  async handle(request: SnapshotRequest): Promise<void> {
    await this.queue.push(ComputeSnapshot, request, { id: snapshotKey(request), unique: true, priority: LOW });
  }
}

export function snapshotKey({ userId, currency, filters }: SnapshotRequest): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([currency, filters]))
    .digest('hex')
    .slice(0, 16);
  return `snapshot:${userId}:${hash}`;
}
