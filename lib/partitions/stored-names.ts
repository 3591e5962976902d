import { PARTITION_MARK } from '../job/stored-queue.js';

/** The number of slots of a Redis Cluster. */
const SLOTS = 16_384;
/** The bits of the number of a partition. */
const BITS = 8;
/** The most partitions of a queue. */
export const MOST_PARTITIONS = 2 ** BITS;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

const CRC_TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8;
  for (let bit = 0; bit < 8; bit++) crc = (crc & 0x8000) === 0 ? crc << 1 : (crc << 1) ^ 0x1021;
  return crc & 0xffff;
});

/** The names of each queue, by the number of the partition. */
const known = new Map<string, string[]>();
/** The most queues whose names are kept. */
const MOST_KNOWN = 10_000;

/**
 * Returns the name of the stored queue that is a partition of a queue. It is the same for ever, whatever the number of partitions.
 *
 * Two letters at its end make its slot in a Redis Cluster: the first two partitions are half of all slots apart, the next two lie between
 * them, and so on. So the slots of 2, 4, 8 ... partitions have the same distances, and each master gets its share.
 *
 * @param number from 0
 */
export function storedName(queue: string, number: number): string {
  if (number === 0) return queue;
  let names = known.get(queue);
  if (!names) {
    if (known.size === MOST_KNOWN) known.clear();
    known.set(queue, (names = []));
  }
  return (names[number] ??= makeName(queue, number));
}

/** Returns the slot of a stored queue in a Redis Cluster, where its name is in braces. */
export function slotOf(stored: string): number {
  return crcOf(stored, 0) % SLOTS;
}

function makeName(queue: string, number: number): string {
  const target = (slotOf(queue) + (reversed(number) * SLOTS) / MOST_PARTITIONS) % SLOTS;
  const head = `${queue}${PARTITION_MARK}${number}`;
  const crc = crcOf(head, 0);
  let [best, nearest] = ['', SLOTS];
  for (const first of LETTERS) {
    for (const second of LETTERS) {
      const distance = distanceOf(crcOf(first + second, crc) % SLOTS, target);
      if (distance < nearest) [best, nearest] = [first + second, distance];
    }
  }
  return head + best;
}

function distanceOf(slot: number, other: number): number {
  const distance = Math.abs(slot - other);
  return Math.min(distance, SLOTS - distance);
}

/** Returns the bits of a number in the opposite order. */
function reversed(number: number): number {
  let result = 0;
  for (let bit = 0; bit < BITS; bit++) if (number & (1 << bit)) result |= 1 << (BITS - 1 - bit);
  return result;
}

/** CRC-16 (XMODEM), of names, which are ASCII. */
function crcOf(text: string, start: number): number {
  let crc = start;
  for (let i = 0; i < text.length; i++) {
    crc = ((crc << 8) ^ CRC_TABLE[((crc >> 8) ^ text.charCodeAt(i)) & 0xff]!) & 0xffff;
  }
  return crc;
}
