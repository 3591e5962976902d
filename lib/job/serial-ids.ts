import { BASE, decodeBase62, deriveJobId, encodeBase62 } from './job-id.js';

/** The length of the half of an id that counts; and how many halves there are. */
const HALF = 5;
const HALVES = BASE ** HALF;

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
    this.high = decodeBase62(id.slice(-2 * HALF, -HALF));
    this.low = decodeBase62(id.slice(-HALF));
  }

  of(queue: string, number: number): string {
    const sum = this.low + number;
    const carry = Math.floor(sum / HALVES);
    let known = this.heads.get(queue);
    if (known?.carry !== carry) {
      const front = deriveJobId(this.createdAt, queue, '').slice(0, -2 * HALF);
      known = { carry, head: front + encodeBase62((this.high + carry) % HALVES, HALF) };
      this.heads.set(queue, known);
    }
    return known.head + encodeBase62(sum % HALVES, HALF);
  }
}
