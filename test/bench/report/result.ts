import type { SystemName } from '../systems/system.interface.js';
import { median, ratioOfPairs, spread, type Ratio, type Spread } from './statistics.js';

/** `part` is the quotient of two values, for example of two rates of one system. */
export type Unit = 'jobs/s' | 'ms' | 'bytes' | 'us' | 'part' | 'commands/s' | 'us/s' | 'ms/s' | 'entries';

/** The result of a measurement: for each system one value a round, in the order of the rounds. */
export interface Result {
  /** Names the result in files and targets: `throughput.100`. */
  readonly id: string;
  /** Names the result for people. */
  readonly title: string;
  readonly unit: Unit;
  /** The largest single sample, if a value is a percentile of many. */
  readonly most?: number;
  readonly values: Readonly<Partial<Record<SystemName, readonly number[]>>>;
}

/** The required ratio of ours to the baseline, or the required value of ours. */
export type Target = { readonly is: 'at least' | 'at most' } & (
  { readonly ratio: number } | { readonly value: number }
);

/** A result with its medians, its ratio and its target. */
export interface Evaluation {
  readonly result: Result;
  readonly medians: Readonly<Partial<Record<SystemName, number>>>;
  /** The ratio of ours to the baseline, if both were measured. */
  readonly ratio?: Ratio;
  /** The smallest and the largest round of ours. */
  readonly spread?: Spread;
  readonly target?: Target;
  /** True if the target is met; `undefined` if there is none. */
  readonly met?: boolean;
}

/** The system with which ours is compared. */
export const BASELINE: SystemName = 'bullmq';

/**
 * Evaluates a result.
 *
 * @throws Error if the target is for a value that was not measured
 */
export function evaluate(result: Result, target?: Target): Evaluation {
  const { ours, [BASELINE]: baseline } = result.values;
  const medians = Object.fromEntries(
    Object.entries(result.values).map(([system, values]) => [system, median(values)]),
  ) as Evaluation['medians'];
  // A part is a quotient already.
  const ratio = ours && baseline && result.unit !== 'part' ? ratioOfPairs(ours, baseline) : undefined;
  const evaluation: Evaluation = { result, medians, ratio, spread: ours && spread(ours) };
  return target ? { ...evaluation, target, met: meets(evaluation, target) } : evaluation;
}

function meets({ result, ratio, medians }: Evaluation, target: Target): boolean {
  const [figure, limit] = 'ratio' in target ? [ratio?.median, target.ratio] : [medians.ours, target.value];
  if (figure === undefined) throw new Error(`the target of ${result.id} is for a value that was not measured`);
  return target.is === 'at least' ? figure >= limit : figure <= limit;
}
