import type { LimitsState, QueueLimits, StartLimits } from '../drivers/queue-limits.interface.js';
import { partitionOf } from '../job/stored-queue.js';
import { assertShares, shareOfLimits, sumOfShares } from '../options/limit-shares.js';
import { askAll, latestOf } from './fan-out.js';
import type { PartitionMap } from './partition-map.js';

/** The limits of whole queues: each partition has a whole-number share, so that all together never exceed them. */
export class PartitionedLimits implements QueueLimits {
  constructor(
    private readonly inner: QueueLimits,
    private readonly map: PartitionMap,
  ) {}

  /** @throws InvalidOptionError if the limits cannot be shared out */
  async set(queue: string, limits: StartLimits | null): Promise<void> {
    const all = await this.map.read(queue);
    if (limits && all.length > 1) assertShares(limits, all.length, (limit) => `limits.${limit}`);
    await askAll(this.map, queue, (stored, index, count) =>
      this.inner.set(stored, limits && shareOfLimits(limits, index, count)),
    );
  }

  async hold(queue: string, seconds: number): Promise<void> {
    await askAll(this.map, queue, (stored) => this.inner.hold(stored, seconds));
  }

  async endHold(queue: string): Promise<boolean> {
    return (await askAll(this.map, queue, (stored) => this.inner.endHold(stored))).includes(true);
  }

  async read(queue: string): Promise<LimitsState> {
    const states = await askAll(this.map, queue, async (stored) => ({ stored, ...(await this.inner.read(stored)) }));
    const isSet = states.some((state) => state.isSet);
    const count = this.map.numberOf(queue);
    // Partitions that are left of a larger number have no share of their own in the options.
    const counting = isSet
      ? states.filter((state) => state.isSet)
      : states.filter(({ stored }) => partitionOf(stored) < count);
    const heldUntil = latestOf(states.map((state) => state.heldUntil));
    return { limits: sumOfShares(counting.map(({ limits }) => limits)), isSet, heldUntil };
  }
}
