/** The time of a job for its tries: `retryFor`, from when it was first due. All times are milliseconds. */
export class RetryTime {
  /**
   * @param endsAt when it is over, on the clock of the storage
   * @param now reads that clock
   * @param shortestPause returns the shortest pause that may follow the attempt, as far as it is known
   */
  constructor(
    private readonly endsAt: number,
    private readonly now: () => number,
    private readonly shortestPause: () => number,
  ) {}

  /** How much of it is left; negative when it is over. */
  get left(): number {
    return this.endsAt - this.now();
  }

  /** True if no further attempt could begin in time. */
  get isLast(): boolean {
    return this.shortestPause() > this.left;
  }
}
