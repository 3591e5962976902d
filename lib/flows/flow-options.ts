import { assertJobId } from '../job/job-id.js';
import type { JobInterface } from '../job/job.interface.js';
import type { JobSpec } from '../job/job-spec.interface.js';
import { keyCheck } from '../job/unique-options.js';
import { duration } from '../support/checks.js';
import type { Duration } from '../support/duration.js';
import { OptionReader } from '../support/option-reader.js';

/** A job of a flow: a `jobSpec()`, or an instance that carries its data. */
export type FlowMember = JobSpec | JobInterface;

/** Jobs of a batch: a list, or anything that gives them one after the other. */
export type BatchJobs = Iterable<FlowMember> | AsyncIterable<FlowMember>;

/** The options of every flow. */
export interface FlowOptions {
  /** Its id, instead of a generated one: as that of a job. If there is such a flow already, nothing is added. */
  readonly id?: string;
  /** How long it is kept once nothing of it can run any more. Default: 7 days. */
  readonly retention?: Duration;
}

/** The options of a chain. */
export interface ChainOptions extends FlowOptions {
  /** A name to show. */
  readonly name?: string;
  /** Is pushed once, when a job of the chain has failed for good. */
  readonly onFailure?: FlowMember;
}

/** The options of a batch. */
export interface BatchOptions extends FlowOptions {
  /** A name to show. */
  readonly name?: string;
  /** True to go on when a job has failed. Default: the jobs that have not started are cancelled then. */
  readonly allowFailures?: boolean;
  /** Is pushed once, when all jobs have completed: perhaps later, after retries. */
  readonly then?: FlowMember;
  /** Is pushed once, at the first failure of a job. */
  readonly catch?: FlowMember;
  /** Is pushed once, when all jobs have ended. */
  readonly finally?: FlowMember;
}

/** {@link FlowOptions}, checked; seconds. */
export interface CheckedFlowOptions {
  readonly id?: string;
  readonly name?: string;
  readonly retention: number;
}

const RETENTION = 7 * 86_400;
const retentionCheck = duration(1);

/**
 * Reads the options that every flow has.
 *
 * @param path the name of the options in messages
 * @param others the names of the options that this kind of flow has beside them
 * @throws InvalidOptionError, InvalidJobIdError
 */
export function readFlowOptions(
  options: unknown,
  path: string,
  others: readonly string[],
): CheckedFlowOptions & { readonly reader: OptionReader } {
  const reader = OptionReader.of(options, path);
  reader.refuseOthers(['id', 'retention', ...others]);
  const id = reader.raw('id');
  if (id !== undefined) assertJobId(id);
  const name = others.includes('name') ? reader.get('name', keyCheck) : undefined;
  return {
    reader,
    ...(id !== undefined && { id }),
    name,
    retention: reader.get('retention', retentionCheck) ?? RETENTION,
  };
}
