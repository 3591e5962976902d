/** How much is measured. */
export interface Effort {
  /** How often each system has its turn. */
  readonly rounds: number;
  /** So often at least, however long that takes. */
  readonly minRounds: number;
  /** How often the systems have it that are only there for orientation. */
  readonly otherRounds: number;
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
  /** How long a queue is kept busy for the latency under load, in seconds. */
  readonly loadedSeconds: number;
  /**
   * The memory a job takes is what doubling this number adds. Hash tables double at powers of two; three quarters of one
   * is the mean of what they are filled.
   */
  readonly memoryJobs: number;
  /** How many jobs are waiting, beside the least: from there on only of ours. */
  readonly depths: { readonly both: number; readonly ours?: number };
  /** How many jobs are due at one moment. */
  readonly dueJobs: { readonly ours: number; readonly others: number };
  /** How many jobs are held at once for the memory they take in the process. */
  readonly heldJobs: number;
  /** How long an idle worker is watched, in seconds. */
  readonly idleSeconds: number;
  /** How often each script is called. */
  readonly scriptCalls: number;
}

// Rounds: what else the machine does then falls on all systems alike.
export const FULL: Effort = {
  rounds: 15,
  minRounds: 3,
  otherRounds: 2,
  patience: 18,
  seconds: 1,
  warmUp: 4,
  maxJobs: 200_000,
  latencySamples: 100,
  loadedSeconds: 4,
  memoryJobs: 24_576,
  depths: { both: 100_000, ours: 1_000_000 },
  dueJobs: { ours: 100_000, others: 20_000 },
  heldJobs: 10_000,
  idleSeconds: 10,
  scriptCalls: 500,
};

export const QUICK: Effort = {
  rounds: 3,
  minRounds: 2,
  otherRounds: 1,
  patience: 1,
  seconds: 0.1,
  warmUp: 0.15,
  maxJobs: 10_000,
  latencySamples: 40,
  loadedSeconds: 1.5,
  memoryJobs: 3_072,
  depths: { both: 100_000 },
  dueJobs: { ours: 20_000, others: 4_000 },
  heldJobs: 2_000,
  idleSeconds: 4,
  scriptCalls: 50,
};
