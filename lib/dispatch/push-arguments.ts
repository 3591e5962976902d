import type { JobClass, JobData, JobInterface, JobMethods } from '../job/job.interface.js';
import type { PushManyOptions, PushOptions } from '../job/job-options.js';
import type { Duration } from '../support/duration.js';

/** What a push takes: a job class, with its data as the next argument, or a job that carries its data. */
export type Pushable = JobClass<JobMethods> | JobInterface;

/** What a bulk push takes: a job class, with a list of data as the next argument, or a list of jobs that carry their data. */
export type PushableMany = JobClass<JobMethods> | readonly JobInterface[];

/** The type of the data of a class that carries its data. No value has it: an instance is pushed in place of the class. */
export interface PushAnInstanceOfThisClass {
  readonly 'this class carries its data: push an instance of it': never;
}

type IsAny<T> = 0 extends 1 & T ? true : false;
type IsNever<T> = [T] extends [never] ? true : false;
/** True for the type of a cast: nothing is known of the job, so that nothing of the other arguments can be refused. */
type IsUnknownJob<J> = IsAny<J> extends true ? true : IsNever<J>;

/** The data that is pushed beside a class: none if `handle` takes nothing. */
type PushedData<T> = T extends { handle(...args: infer Args): unknown }
  ? Args extends []
    ? undefined
    : IsNever<JobData<T>> extends true
      ? PushAnInstanceOfThisClass
      : JobData<T>
  : never;

/** The arguments after a class: its data, which may be left out if `handle` needs none. */
type DataAnd<T, Rest extends unknown[]> =
  undefined extends PushedData<T> ? [data?: PushedData<T>, ...rest: Rest] : [data: PushedData<T>, ...rest: Rest];

/** The arguments of `push` after the job. */
export type PushArguments<J> =
  IsUnknownJob<J> extends true
    ? unknown[]
    : J extends JobClass<infer T>
      ? DataAnd<T, [to?: string | PushOptions]>
      : [to?: string | PushOptions];

type LaterOptions = string | Omit<PushOptions, 'delay'>;

/** The arguments of `later` after the job. */
export type LaterArguments<J> =
  IsUnknownJob<J> extends true
    ? unknown[]
    : J extends JobClass<infer T>
      ? T extends { handle(...args: infer Args): unknown }
        ? Args extends []
          ? [delay: Duration | Date] | [data: undefined, delay: Duration | Date, to?: LaterOptions]
          : [data: PushedData<T>, delay: Duration | Date, to?: LaterOptions]
        : never
      : [delay: Duration | Date, to?: LaterOptions];

/** The arguments of `pushMany` after the jobs. */
export type PushManyArguments<J> =
  IsUnknownJob<J> extends true
    ? unknown[]
    : J extends JobClass<infer T>
      ? [dataList: readonly PushedData<T>[], to?: string | PushManyOptions]
      : [to?: string | PushManyOptions];
