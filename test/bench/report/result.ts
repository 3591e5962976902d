import type { SystemName } from '../systems/system.interface.js';
import { median, ratioOfPairs, spread, type Ratio, type Spread } from './statistics.js';

/** `part` is one figure by another of the same system. */
export type Unit = 'jobs/s' | 'ms' | 'bytes' | 'us' | 'part' | 'commands/s' | 'us/s' | 'ms/s' | 'entries';

/** What a measurement found: for each system that took part one value a round, in the order of the rounds. */
export interface Result {
  /** Names the result in files and targets: `throughput.100`. */
  readonly id: string;
  /** Names it for people. */
  readonly title: string;
  readonly unit: Unit;
  /** The largest single value, where a value is a percentile of many. */
  readonly most?: number;
  readonly values: Readonly<Partial<Record<SystemName, readonly number[]>>>;
}

/** What the ratio of ours to the baseline has to be, or the value of ours itself. */
export type Target = { readonly is: 'at least' | 'at most' } & (
  { readonly ratio: number } | { readonly value: number }
);

/** A result and what is said about it. */
export interface Verdict {
  readonly result: Result;
  readonly medians: Readonly<Partial<Record<SystemName, number>>>;
  /** Ours to the baseline, where both took part. */
  readonly ratio?: Ratio;
  /** How far the rounds of ours differ. */
  readonly spread?: Spread;
  readonly target?: Target;
  /** Whether the target is met, where there is one. */
  readonly met?: boolean;
}

/** The system that ours is compared to. */
export const BASELINE: SystemName = 'bullmq';

/** @throws where there is a target for what was not measured */
export function judge(result: Result, target?: Target): Verdict {
  const { ours, [BASELINE]: baseline } = result.values;
  const medians = Object.fromEntries(
    Object.entries(result.values).map(([system, values]) => [system, median(values)]),
  ) as Verdict['medians'];
  // A part is a comparison already.
  const ratio = ours && baseline && result.unit !== 'part' ? ratioOfPairs(ours, baseline) : undefined;
  const verdict: Verdict = { result, medians, ratio, spread: ours && spread(ours) };
  return target ? { ...verdict, target, met: meets(verdict, target) } : verdict;
}

function meets({ result, ratio, medians }: Verdict, target: Target): boolean {
  const [figure, limit] = 'ratio' in target ? [ratio?.median, target.ratio] : [medians.ours, target.value];
  if (figure === undefined) throw new Error(`the target of ${result.id} is for what was not measured`);
  return target.is === 'at least' ? figure >= limit : figure <= limit;
}
