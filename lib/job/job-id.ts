import { hash, randomFillSync } from 'node:crypto';
import { InvalidJobIdError } from '../queue.errors.js';
import { queueOf } from './stored-queue.js';

/**
 * Scripts separate ids by spaces, `~` begins the library's own words, and braces would mark the slot of a key in a cluster.
 * UTF-8 cannot hold halves of surrogate pairs.
 */
const JOB_ID = /^(?!~)[^\s\p{Cc}\p{Cs}{}]+$/u;
/** The most UTF-16 units of an id. */
const MAX_LENGTH = 256;
const GENERATED_ID = /^[0-9A-Za-z]{20}$/;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BASE = ALPHABET.length;
const TIME_LENGTH = 8;
const HASH_LENGTH = 2;
const RANDOM_LENGTH = 10;
/** The length of one half of that, and how many halves there are. */
export const HALF_LENGTH = RANDOM_LENGTH / 2;
export const HALVES = BASE ** HALF_LENGTH;
/** The bytes of a hash that make one half. */
const HALF_BYTES = 6;
/** The most hashes of queues that are kept. */
const MAX_HASHES = 10_000;
/** Generated ids are not older than the library, and not more than a day ahead of the clock, in milliseconds. */
const FIRST_TIME = Date.UTC(2020, 0);
const DAY = 86_400_000;

/**
 * Checks a job id that the application gave.
 *
 * @throws {@link InvalidJobIdError}
 */
export function assertJobId(id: unknown): asserts id is string {
  if (typeof id !== 'string' || id.length > MAX_LENGTH || !JOB_ID.test(id)) throw new InvalidJobIdError(id);
}

let lastTime = -1;
let lastPrefix = '';

/** The hash of each queue. */
const hashes = new Map<string, string>();

const pool = Buffer.allocUnsafe(4096);
let used = pool.length;

/**
 * Makes a new job id of 20 characters:
 *
 * 1. 8 of time (milliseconds in base 62), so that ids sort by when they were made;
 * 2. 2 that are a hash of the queue, so that a storage that looks for the job need not ask all queues;
 * 3. 10 of randomness (59 bits).
 *
 * @param now milliseconds since the epoch
 */
export function createJobId(now: number, queue: string): string {
  let id = frontOfId(now, queue);
  for (let missing = RANDOM_LENGTH; missing > 0;) {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const value = pool[used++]! & 63;
    // Drop 62 and 63, so that every character is equally likely.
    if (value >= BASE) continue;
    id += ALPHABET[value];
    missing--;
  }
  return id;
}

/**
 * Makes a job id of the same shape that is always the same for the same arguments.
 *
 * @param now milliseconds since the epoch
 * @param of what the id is of; it has to differ from that of all other jobs
 */
export function deriveJobId(now: number, queue: string, of: string): string {
  return frontOfId(now, queue) + deriveRandomPart(of);
}

function deriveRandomPart(of: string): string {
  const [high, low] = deriveHalves(of);
  return encodeBase62(high, HALF_LENGTH) + encodeBase62(low, HALF_LENGTH);
}

/** Returns the two numbers that stand in a derived id in place of the random characters of a generated one. */
export function deriveHalves(of: string): [high: number, low: number] {
  const bytes = hash('sha256', of, 'buffer');
  return [bytes.readUIntBE(0, HALF_BYTES) % HALVES, bytes.readUIntBE(HALF_BYTES, HALF_BYTES) % HALVES];
}

/** Returns the characters of an id in front of those: the time, and the hash of the queue. */
export function frontOfId(now: number, queue: string): string {
  if (now !== lastTime) {
    lastTime = now;
    lastPrefix = encodeBase62(now, TIME_LENGTH);
  }
  return lastPrefix + (hashes.get(queue) ?? hashQueue(queue));
}

/** Makes the id under which a job is pushed again that has ended under its id: always the same one. It keeps the time and the queue in it. */
export function nextJobId(id: string): string {
  return id.slice(0, TIME_LENGTH + HASH_LENGTH) + deriveRandomPart(id);
}

/**
 * Returns the hash of its queue in a generated id; `undefined` if the id has another shape. An id that the application
 * gave may have this shape by chance, and no such hash in it: see {@link isGeneratedId}.
 */
export function queueHashOf(id: string): string | undefined {
  return GENERATED_ID.test(id) ? id.slice(TIME_LENGTH, TIME_LENGTH + HASH_LENGTH) : undefined;
}

/**
 * Returns whether the library made an id: it has the shape, and the time in it is a possible one. Eight letters or
 * digits that somebody chose are nearly always another time.
 *
 * @param now milliseconds since the epoch
 */
export function isGeneratedId(id: string, now: number): boolean {
  if (!GENERATED_ID.test(id)) return false;
  const time = decodeBase62(id.slice(0, TIME_LENGTH));
  return time >= FIRST_TIME && time <= now + DAY;
}

/** Returns the hash of a queue (FNV-1a), as it stands in the ids of its jobs. All partitions of a queue have the same one. */
export function hashQueue(queue: string): string {
  const name = queueOf(queue);
  let state = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) state = Math.imul(state ^ name.charCodeAt(i), 0x01000193);
  const text = encodeBase62((state >>> 0) % BASE ** HASH_LENGTH, HASH_LENGTH);
  if (hashes.size === MAX_HASHES) hashes.clear();
  hashes.set(queue, text);
  return text;
}

/** Encodes a number in base 62. */
export function encodeBase62(value: number, length: number): string {
  let text = '';
  let rest = value;
  for (let i = 0; i < length; i++) {
    text = ALPHABET[rest % BASE] + text;
    rest = Math.floor(rest / BASE);
  }
  return text;
}

/** Decodes such a number. */
export function decodeBase62(text: string): number {
  let value = 0;
  for (const character of text) value = value * BASE + ALPHABET.indexOf(character);
  return value;
}
