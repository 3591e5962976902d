import { deriveJobId } from './job-id.js';

/** The length of the half of an id that counts; and how many halves there are. */
const HALF = 5;
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const HALVES = DIGITS.length ** HALF;

/**
 * Makes the ids of numbered jobs, always the same ones: in the shape of generated ids, with a derived number in place of the random one, from which on they count. To
 * derive each of them would take longer than all else in the push of a job.
 */
export class SerialIds {
  /** What stands in front of the last half of an id, by queue, and the carry into that. */
  private readonly heads = new Map<string, { readonly carry: number; readonly head: string }>();
  private readonly high: number;
  private readonly low: number;

  /** @param of what the ids are of; it has to differ from that of all other jobs */
  constructor(
    of: string,
    private readonly createdAt: number,
  ) {
    const id = deriveJobId(0, '', of);
    this.high = decode(id.slice(-2 * HALF, -HALF));
    this.low = decode(id.slice(-HALF));
  }

  of(queue: string, number: number): string {
    const sum = this.low + number;
    const carry = Math.floor(sum / HALVES);
    let known = this.heads.get(queue);
    if (known?.carry !== carry) {
      const front = deriveJobId(this.createdAt, queue, '').slice(0, -2 * HALF);
      known = { carry, head: front + encode((this.high + carry) % HALVES) };
      this.heads.set(queue, known);
    }
    return known.head + encode(sum % HALVES);
  }
}

function encode(value: number): string {
  let text = '';
  let rest = value;
  for (let i = 0; i < HALF; i++) {
    text = DIGITS[rest % DIGITS.length] + text;
    rest = Math.floor(rest / DIGITS.length);
  }
  return text;
}

function decode(text: string): number {
  let value = 0;
  for (const digit of text) value = value * DIGITS.length + DIGITS.indexOf(digit);
  return value;
}
