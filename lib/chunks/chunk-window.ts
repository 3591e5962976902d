/**
 * Decides how many jobs of a queue a worker claims to fill a chunk, beyond its free slots: the allowance. The queue may have other
 * jobs between those of the chunk, and nobody knows before they are claimed. So the allowance follows the last claim:
 *
 * 1. it doubles if all jobs of a claim are items of chunks and the queue has more;
 * 2. it is 0 if a claim brought more other jobs than slots were free, or if the queue has no more jobs.
 */
export class ChunkWindow {
  private allowance = 0;

  /**
   * @param items how many items of chunks a claim brought, and how many other jobs
   * @param more whether the queue has more jobs
   * @param hasExcess whether other jobs wait for a slot
   * @returns the allowance
   */
  taken(items: number, others: number, more: boolean, hasExcess: boolean): number {
    if (!more || (others > 0 && hasExcess)) this.allowance = 0;
    else if (others === 0) this.allowance = Math.max(this.allowance, items * 2);
    return this.allowance;
  }
}
