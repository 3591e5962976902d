import type { Effort } from '../effort.js';
import type { Result } from '../report/result.js';
import type { BenchServer } from '../server/bench-server.js';
import type { Subject } from '../subject/subject.js';
import type { SystemName } from '../systems/system.interface.js';

/** The server and the systems of a measurement. */
export interface Bench {
  readonly server: BenchServer;
  /** One subject for each system of the measurement, in the order of their turns. */
  readonly subjects: readonly Subject[];
  readonly effort: Effort;
  /** Starts another process of a system for this measurement. */
  spawn(system: SystemName): Subject;
}

/** Measures one property of the systems. */
export interface Measurement {
  /** The name for `--only`. */
  readonly name: string;
  /** The systems that have the feature. */
  readonly systems: readonly SystemName[];
  run(bench: Bench): Promise<Result[]>;
}
