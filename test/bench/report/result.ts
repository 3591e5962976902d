import type { SystemName } from '../systems/system.interface.js';
import { median, ratioOfPairs, type Ratio } from './statistics.js';

export type Unit = 'jobs/s' | 'ms' | 'bytes' | 'us';

/** What a measurement found: for each system one value a round, in the order of the rounds. */
export interface Result {
  /** Names the result in files and targets: `throughput.100`. */
  readonly id: string;
  /** Names it for people. */
  readonly title: string;
  readonly unit: Unit;
  readonly values: Readonly<Record<SystemName, readonly number[]>>;
}

/** What the ratio of ours to the baseline has to be. */
export interface Target {
  readonly is: 'at least' | 'at most';
  readonly ratio: number;
}

/** A result and what is said about it. */
export interface Verdict {
  readonly result: Result;
  readonly medians: Readonly<Record<SystemName, number>>;
  /** Ours to the baseline. */
  readonly ratio: Ratio;
  readonly target?: Target;
  /** Whether the target is met, where there is one. */
  readonly met?: boolean;
}

/** The system that ours is compared to. */
export const BASELINE: SystemName = 'bullmq';

export function judge(result: Result, target?: Target): Verdict {
  const { values } = result;
  const ratio = ratioOfPairs(values.ours, values[BASELINE]);
  const medians = mapValues(values, median);
  if (!target) return { result, medians, ratio };
  const met = target.is === 'at least' ? ratio.median >= target.ratio : ratio.median <= target.ratio;
  return { result, medians, ratio, target, met };
}

function mapValues<Key extends string, From, To>(
  record: Readonly<Record<Key, From>>,
  map: (value: From) => To,
): Record<Key, To> {
  const entries = Object.entries<From>(record).map(([key, value]) => [key, map(value)]);
  return Object.fromEntries(entries) as Record<Key, To>;
}
