import { deriveHalves, encodeBase62, frontOfId, HALF_LENGTH, HALVES } from './job-id.js';

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
    [this.high, this.low] = deriveHalves(of);
  }

  of(queue: string, number: number): string {
    const sum = this.low + number;
    const carry = Math.floor(sum / HALVES);
    let known = this.heads.get(queue);
    if (known?.carry !== carry) {
      const front = frontOfId(this.createdAt, queue);
      known = { carry, head: front + encodeBase62((this.high + carry) % HALVES, HALF_LENGTH) };
      this.heads.set(queue, known);
    }
    return known.head + encodeBase62(sum % HALVES, HALF_LENGTH);
  }
}
