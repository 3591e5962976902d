import type { Effort } from '../effort.js';
import type { Result } from '../report/result.js';
import type { BenchServer } from '../server/bench-server.js';
import type { Subject } from '../subject/subject.js';

/** What a measurement works with. */
export interface Bench {
  readonly server: BenchServer;
  /** One for each system, in the order of their turns. */
  readonly subjects: readonly Subject[];
  readonly effort: Effort;
}

/** Measures one side of the systems. */
export interface Measurement {
  /** For `--only`. */
  readonly name: string;
  run(bench: Bench): Promise<Result[]>;
}
