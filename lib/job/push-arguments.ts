import type { AnyJobDefinition, JobDefinition } from './job-definition.js';
import type { JobClass, JobData, JobInterface, JobMethods, JobResult } from './job.interface.js';
import type { PushManyOptions, PushOptions } from './job-options.js';
import type { JobSpec } from './job-spec.interface.js';
import type { Duration } from '../support/duration.js';

/**
 * A job: a class, a definition or a name, with the data as the next argument; or an instance that carries its data.
 */
export type AnyJob = JobClass<JobMethods> | AnyJobDefinition | string | JobInterface;

/** What a push takes: a job, or a spec of one. */
export type Pushable = AnyJob | JobSpec;

/**
 * What a bulk push takes: a job class, a definition or the name of a job, with a list of data as the next argument; or a list of
 * specs and of jobs that carry their data.
 */
export type PushableMany = JobClass<JobMethods> | AnyJobDefinition | string | readonly (JobInterface | JobSpec)[];

/** The result of a job, inferred. */
export type PushResult<J> =
  IsUnknownJob<J> extends true ? unknown : J extends JobSpec<infer Result> ? Result : ResultOfJob<J>;

type ResultOfJob<J> =
  J extends JobDefinition<infer _Data, infer Result, infer _Input>
    ? Result
    : J extends JobClass<infer T>
      ? JobResult<T>
      : J extends string
        ? unknown
        : JobResult<J>;

/** The type of the data of a class that carries its data. No value has it: an instance is pushed in place of the class. */
export interface PushAnInstanceOfThisClass {
  readonly 'this class carries its data: push an instance of it': never;
}

type IsAny<T> = 0 extends 1 & T ? true : false;
type IsNever<T> = [T] extends [never] ? true : false;
/** True for the type of a cast: nothing is known of the job, so that nothing of the other arguments can be refused. */
type IsUnknownJob<J> = IsAny<J> extends true ? true : IsNever<J>;

/** The data that is pushed beside an instance type of a class: none if `handle` takes nothing. */
// oxlint-disable-next-line typescript/no-explicit-any -- any parameters
type DataOfClass<T> = T extends { handleChunk(...args: any[]): unknown }
  ? JobData<T>
  : T extends { handle(...args: infer Args): unknown }
    ? Args extends []
      ? undefined
      : IsNever<JobData<T>> extends true
        ? PushAnInstanceOfThisClass
        : JobData<T>
    : never;

/** The data that is pushed beside a class, a definition or a name: for a name nothing is known of it. */
type PushedData<J> = J extends string
  ? unknown
  : J extends JobDefinition<infer _Data, infer _Result, infer Input>
    ? Input
    : J extends JobClass<infer T>
      ? DataOfClass<T>
      : never;

/** True for a job whose data stands beside it. */
type TakesData<J> = J extends string | AnyJobDefinition | JobClass ? true : false;

/** The data, which may be left out if the job needs none. */
type DataAnd<J, Rest extends unknown[]> =
  undefined extends PushedData<J> ? [data?: PushedData<J>, ...rest: Rest] : [data: PushedData<J>, ...rest: Rest];

/** The arguments of `push` after the job. */
export type PushArguments<J> =
  IsUnknownJob<J> extends true
    ? unknown[]
    : TakesData<J> extends true
      ? DataAnd<J, [to?: string | PushOptions]>
      : [to?: string | PushOptions];

type LaterOptions = string | Omit<PushOptions, 'delay'>;

/** True if `later` takes the delay alone: the job has no data, or nothing is known of it. */
type MayComeAlone<J> = J extends string
  ? true
  : J extends JobClass<infer T>
    ? T extends { handle(...args: infer Args): unknown }
      ? Args extends []
        ? true
        : false
      : false
    : [PushedData<J>] extends [void]
      ? true
      : false;

/** The arguments of `later` after the job. */
export type LaterArguments<J> =
  IsUnknownJob<J> extends true
    ? unknown[]
    : TakesData<J> extends true
      ? MayComeAlone<J> extends true
        ? [delay: Duration | Date] | [data: PushedData<J>, delay: Duration | Date, to?: LaterOptions]
        : [data: PushedData<J>, delay: Duration | Date, to?: LaterOptions]
      : [delay: Duration | Date, to?: LaterOptions];

/** The arguments of `pushMany` after the jobs. */
export type PushManyArguments<J> =
  IsUnknownJob<J> extends true
    ? unknown[]
    : TakesData<J> extends true
      ? [dataList: readonly PushedData<J>[], to?: string | PushManyOptions]
      : [to?: string | PushManyOptions];

/** The last argument of `pushAndWait`: `timeout` is that of the wait. */
export type PushAndWaitOptions<Wait> = Omit<PushOptions, 'timeout'> & Wait;

/** The arguments of `pushAndWait` after the job. */
export type PushAndWaitArguments<J, Wait> =
  IsUnknownJob<J> extends true
    ? unknown[]
    : TakesData<J> extends true
      ? MayComeAlone<J> extends true
        ? [options: PushAndWaitOptions<Wait>] | [data: PushedData<J>, options: PushAndWaitOptions<Wait>]
        : [data: PushedData<J>, options: PushAndWaitOptions<Wait>]
      : [options: PushAndWaitOptions<Wait>];
