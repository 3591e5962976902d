import type { JobNote } from '../job/attempt-desk.interface.js';
import type {
  PollLimits,
  PollRequest,
  PollResult,
  QueueConsumer,
  Settlement,
} from '../drivers/queue-driver.interface.js';

/**
 * The consumer of a partition. If a settlement holds the queue back, it holds the other partitions back as well, directly after its own
 * one.
 */
export class PartitionedConsumer implements QueueConsumer {
  constructor(
    private readonly inner: QueueConsumer,
    /** Holds the other partitions back, for so many seconds. It never throws. */
    private readonly holdOthers: (seconds: number) => void,
  ) {}

  get queue(): string {
    return this.inner.queue;
  }

  get id(): string {
    return this.inner.id;
  }

  get limits(): PollLimits {
    return this.inner.limits;
  }

  async poll(request: PollRequest): Promise<PollResult> {
    const result = await this.inner.poll(request);
    const seconds = holdOf(request.settlements, result.refused);
    if (seconds > 0) this.holdOthers(seconds);
    return result;
  }

  note(id: string, fence: number, number: number, note: JobNote): Promise<boolean> {
    return this.inner.note(id, fence, number, note);
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}

/** Returns for how many seconds settlements hold their queue back; 0 if none does. */
function holdOf(settlements: readonly Settlement[], refused: readonly string[]): number {
  let longest = 0;
  for (const settlement of settlements) {
    if (settlement.kind !== 'release' || settlement.hold !== 'queue' || refused.includes(settlement.id)) continue;
    longest = Math.max(longest, settlement.delay);
  }
  return longest;
}
