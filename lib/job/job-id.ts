import { randomFillSync } from 'node:crypto';
import { InvalidJobIdError } from '../queue.errors.js';

const JOB_ID = /^[A-Za-z0-9_-]{1,64}$/;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const TIME_LENGTH = 8;
const RANDOM_LENGTH = 12;

/**
 * Checks a job id that the application gave.
 *
 * @throws {@link InvalidJobIdError}
 */
export function assertJobId(id: unknown): asserts id is string {
  if (typeof id !== 'string' || !JOB_ID.test(id)) throw new InvalidJobIdError(id);
}

let lastTime = -1;
let lastPrefix = '';

const pool = Buffer.allocUnsafe(4096);
let used = pool.length;

/**
 * Makes a new job id of 20 characters: 8 of time (milliseconds in base 62, so that ids sort by the time at which they were
 * made) and 12 of randomness (71 bits).
 */
export function createJobId(now: number): string {
  if (now !== lastTime) {
    lastTime = now;
    lastPrefix = encodeTime(now);
  }
  let id = lastPrefix;
  while (id.length < TIME_LENGTH + RANDOM_LENGTH) {
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const value = pool[used++]! & 63;
    // 62 and 63 are thrown away, so that every character is as likely as any other.
    if (value < ALPHABET.length) id += ALPHABET[value];
  }
  return id;
}

function encodeTime(time: number): string {
  let text = '';
  let rest = time;
  for (let i = 0; i < TIME_LENGTH; i++) {
    text = ALPHABET[rest % ALPHABET.length] + text;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return text;
}
