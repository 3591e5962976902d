/**
 * A queue may be stored as several ones, its partitions. The first one has the name of the queue; the others have it in front of
 * this mark, which no queue has in its name: `events`, `events~1fa`, `events~2oy`.
 */
export const PARTITION_MARK = '~';

/** Returns the name of the queue that a stored queue belongs to. */
export function queueOf(stored: string): string {
  const end = stored.indexOf(PARTITION_MARK);
  return end === -1 ? stored : stored.slice(0, end);
}

/** Returns the number of the partition that a stored queue is, from 0. */
export function partitionOf(stored: string): number {
  const at = stored.indexOf(PARTITION_MARK);
  return at === -1 ? 0 : Number.parseInt(stored.slice(at + 1), 10) || 0;
}

/** Names a stored queue for a message. */
export function describeStored(stored: string): string {
  return stored.includes(PARTITION_MARK) ? `${queueOf(stored)} (partition ${partitionOf(stored)})` : stored;
}
