import type { Effort } from '../effort.js';
import type { Result } from '../report/result.js';
import type { BenchServer } from '../server/bench-server.js';
import type { Subject } from '../subject/subject.js';
import type { SystemName } from '../systems/system.interface.js';

/** What a measurement works with. */
export interface Bench {
  readonly server: BenchServer;
  /** One for each system of the measurement, in the order of their turns. */
  readonly subjects: readonly Subject[];
  readonly effort: Effort;
  /** Another process of a system, for this measurement. */
  spawn(system: SystemName): Subject;
}

/** Measures one side of the systems. */
export interface Measurement {
  /** For `--only`. */
  readonly name: string;
  /** The systems that have the feature. */
  readonly systems: readonly SystemName[];
  run(bench: Bench): Promise<Result[]>;
}
