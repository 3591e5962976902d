/** How much is measured. */
export interface Effort {
  /** How often each system has its turn. */
  readonly rounds: number;
  /** How long the rounds of one result may take, in seconds. */
  readonly patience: number;
  /** How long a timed section should take, in seconds: the number of jobs is chosen by that. */
  readonly seconds: number;
  /** How long each system does the same before that, in seconds: until its code is compiled. */
  readonly warmUp: number;
  /** The most jobs of a timed section. */
  readonly maxJobs: number;
  /** Samples of the latency in a round. */
  readonly latencySamples: number;
  /**
   * The memory a job takes is what doubling this number adds. Hash tables double at powers of two; three quarters of one
   * is the mean of what they are filled.
   */
  readonly memoryJobs: number;
}

// Many short rounds: what else the machine does then falls on both systems alike.
export const FULL: Effort = {
  rounds: 15,
  patience: 25,
  seconds: 0.4,
  warmUp: 1.5,
  maxJobs: 100_000,
  latencySamples: 100,
  memoryJobs: 24_576,
};

export const QUICK: Effort = {
  rounds: 3,
  patience: 3,
  seconds: 0.15,
  warmUp: 0.3,
  maxJobs: 20_000,
  latencySamples: 40,
  memoryJobs: 6_144,
};
