import type { ChunkContext } from '../job/chunk-context.js';
import type { ChunkItem } from '../job/chunk-item.interface.js';
import { isJobDefinition, type JobDefinition } from '../job/job-definition.js';
import type { JobHandlerOptions, JobOptions } from '../job/job-options.js';
import type { JobData } from '../job/job.interface.js';
import type { JobContext } from '../job/job-context.js';
import { InvalidOptionError } from '../queue.errors.js';
import { markDataParameters } from './data-parameters.js';
import { callPlace, rememberPlace } from './job-place.js';
import { JOB_METADATA, setDefinition } from './job.metadata.js';

/**
 * A class that handles a definition. `handle` is a property here, so that a `handle` which needs more than the data of the
 * definition is refused.
 */
// oxlint-disable-next-line typescript/no-explicit-any -- any constructor will do, and only `any` says so
type HandlerClass<Data, Result> = abstract new (...args: any[]) =>
  | {
      // oxlint-disable-next-line typescript/no-explicit-any -- the class says of which type its data and its checkpoints are
      handle: (data: Data, job: JobContext<any, any>) => Result | Promise<Result>;
    }
  | {
      // oxlint-disable-next-line typescript/no-explicit-any -- a handler may leave out the results
      handleChunk: (items: readonly ChunkItem<Data, any>[], chunk: ChunkContext) => unknown;
    };

// oxlint-disable-next-line typescript/no-explicit-any -- any class will do: the application checks it when it starts
type AnyClass = abstract new (...args: any[]) => unknown;

/** The data of a job as the functions among its options get it: for a class that carries its data an instance of it. */
type DataFor<T> = [JobData<T>] extends [never] ? T : JobData<T>;

/** Refuses a class whose data is of another type than the options say. */
type TakesData<Data, T> = unknown extends Data
  ? unknown
  : [Data] extends [DataFor<T>]
    ? unknown
    : [DataFor<T>] extends [Data]
      ? unknown
      : { readonly 'the options of this job are for other data than handle() takes': never };

/**
 * Marks a class as a job. There are two forms:
 *
 * - a handler ({@link JobHandler}) gets its data from the push; list it in the `providers` of a module;
 * - an instance ({@link JobInterface}) carries its data in its properties; list it in `QueueModule.forFeature([...])`.
 *
 * The application checks the options when it starts. `@Injectable({ scope })` is allowed beside it.
 *
 * A subclass with its own `@Job()` has the options of the class that it extends, except the name; its own options come first,
 * one by one. A subclass without `@Job()` is no job.
 *
 * A class may handle a definition ({@link defineJob}): the name, the queue and the types come from there, and the options beside
 * it come first.
 *
 * @param options the options of the job, or only its name; or its definition
 *
 * @example
 * ```ts
 * @Job({ queue: 'emails', maxTries: 5, retryDelay: '1m' })
 * export class SendEmailJob implements JobHandler<Email> { ... }
 *
 * @Job(ShipOrder, { timeout: '1m' })
 * export class ShipOrderHandler implements JobHandlerOf<typeof ShipOrder> { ... }
 * ```
 */
export function Job<Data, Result>(
  // oxlint-disable-next-line typescript/no-explicit-any -- the input of a push does not matter here
  definition: JobDefinition<Data, Result, any>,
  options?: JobHandlerOptions,
): <Class extends HandlerClass<Data, Result>>(target: Class) => void;
export function Job<Data = unknown>(
  options?: JobOptions<Data> | string,
): <Class extends AnyClass>(target: Class & TakesData<Data, InstanceType<Class>>) => void;
export function Job(...given: readonly [definition?: unknown, options?: unknown]): ClassDecorator {
  const place = callPlace(Job);
  const [first = {}] = given;
  if (given.length > 1 && given[0] === undefined) {
    throw new InvalidOptionError('@Job()', 'a definition beside its options (a circular import?)', undefined);
  }
  const isDefined = isJobDefinition(first);
  const options = isDefined ? (given[1] ?? {}) : first;
  return (target) => {
    Reflect.defineMetadata(JOB_METADATA, options, target);
    if (isDefined) setDefinition(target, first);
    rememberPlace(target, place);
    markDataParameters(target);
  };
}
