/** How much and how long to measure. */
export interface Effort {
  /** The number of rounds; each system has one turn in a round. */
  readonly rounds: number;
  /** The least number of rounds, even over the time limit. */
  readonly minRounds: number;
  /** The number of rounds of the systems that are measured only for orientation. */
  readonly otherRounds: number;
  /** The time limit for the rounds of one result, in seconds. */
  readonly timeLimit: number;
  /** The wanted length of a timed section, in seconds. The number of jobs follows from it. */
  readonly seconds: number;
  /** The length of the warm-up of each system, in seconds: until V8 has compiled its code. */
  readonly warmUp: number;
  /** The most jobs of a timed section. */
  readonly maxJobs: number;
  /** The number of latency samples in a round. */
  readonly latencySamples: number;
  /** How long a queue is under load for the latency under load, in seconds. */
  readonly loadedSeconds: number;
  /**
   * The number of jobs that is doubled to measure the memory of a job. Hash tables double at powers of two, and are filled
   * to three quarters on average, so this number is three quarters of a power of two.
   */
  readonly memoryJobs: number;
  /** The numbers of waiting jobs, beside the smallest depth: for both systems, and for ours alone. */
  readonly depths: { readonly both: number; readonly ours?: number };
  /** The number of jobs that are due at one moment. */
  readonly dueJobs: { readonly ours: number; readonly others: number };
  /** The number of jobs that run at once, to measure their memory in the process. */
  readonly heldJobs: number;
  /** The number of failed jobs that are put back. */
  readonly failedJobs: number;
  /** The number of jobs for which callers wait. */
  readonly waits: number;
  /** The number of pages of a list. */
  readonly pages: number;
  /** How long to watch an idle worker, in seconds. */
  readonly idleSeconds: number;
  /** The number of calls of each script. */
  readonly scriptCalls: number;
}

// Many short rounds: other load of the machine then affects all systems alike.
export const FULL: Effort = {
  rounds: 15,
  minRounds: 3,
  otherRounds: 2,
  timeLimit: 18,
  seconds: 1,
  warmUp: 4,
  maxJobs: 200_000,
  latencySamples: 100,
  loadedSeconds: 4,
  memoryJobs: 24_576,
  depths: { both: 100_000, ours: 1_000_000 },
  dueJobs: { ours: 100_000, others: 20_000 },
  heldJobs: 10_000,
  failedJobs: 10_000,
  waits: 20_000,
  pages: 100,
  idleSeconds: 10,
  scriptCalls: 500,
};

export const QUICK: Effort = {
  rounds: 3,
  minRounds: 2,
  otherRounds: 1,
  timeLimit: 1,
  seconds: 0.1,
  warmUp: 0.15,
  maxJobs: 10_000,
  latencySamples: 40,
  loadedSeconds: 1.5,
  memoryJobs: 3_072,
  depths: { both: 100_000 },
  dueJobs: { ours: 20_000, others: 4_000 },
  heldJobs: 2_000,
  failedJobs: 2_000,
  waits: 2_000,
  pages: 20,
  idleSeconds: 4,
  scriptCalls: 50,
};
