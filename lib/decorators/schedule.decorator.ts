import 'reflect-metadata';
import type { CronRule, DeclaredScheduleOptions, ScheduleRule } from '../schedules/schedule-options.interface.js';

/** The metadata key of the schedules of a class: a registered symbol, so that two copies of this package share it. */
const SCHEDULES = Symbol.for('nestjs-job-queue:schedules');

/** A job class whose `handle` takes this data. */
export type ScheduledClass<Data> = abstract new (...args: never[]) => ScheduledMethods<Data>;

type ScheduledMethods<Data> =
  // Properties, not methods: the compiler compares the parameters of methods in both directions.
  | { readonly handle: (data: Data, ...rest: never[]) => unknown }
  | { readonly handleChunk: (items: never, ...rest: never[]) => unknown };

/**
 * Declares a schedule of a job class; it may stand on a class several times. The schedules of an application are set when it starts, changed
 * if they are declared otherwise than before, and removed when no process of it declares them any more.
 *
 * ```ts
 * @Schedule('0 2 * * *', { timeZone: 'Europe/Berlin' })
 * @Job()
 * export class NightlyReportJob implements JobHandler { ... }
 *
 * @Schedule({ every: '10m' })
 * ```
 *
 * The class takes its data beside it. A wrong option stops the start with an `InvalidScheduleError`.
 *
 * @param rule a cron expression, or `cron` or `every` among the options
 * @param options the options beside a cron expression
 */
export function Schedule<Data = undefined>(
  cron: string,
  options?: Pick<CronRule, 'timeZone'> & DeclaredScheduleOptions<Data>,
): (target: ScheduledClass<NoInfer<Data>>) => void;
export function Schedule<Data = undefined>(
  options: ScheduleRule & DeclaredScheduleOptions<Data>,
): (target: ScheduledClass<NoInfer<Data>>) => void;
export function Schedule(rule: unknown, options: unknown = {}): (target: object) => void {
  return (target) => {
    const declared = typeof rule === 'string' ? withCron(options, rule) : rule;
    // Decorators run from the last one to the first one.
    Reflect.defineMetadata(SCHEDULES, [declared, ...schedulesOf(target)], target);
  };
}

/** Returns the unchecked options of the schedules that a class itself declares, in their order. */
export function schedulesOf(target: object): readonly unknown[] {
  return (Reflect.getOwnMetadata(SCHEDULES, target) ?? []) as unknown[];
}

/** Puts the expression to the options. A value that is no object is left for the check to refuse. */
function withCron(options: unknown, cron: string): unknown {
  return typeof options === 'object' && options !== null ? { ...options, cron } : options;
}
