import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { DebounceOptions } from './debounce-options.js';
import type { CheckedJobOptions, JobOptions } from './job-options.js';
import type { ChunkHandler, JobHandler } from './job.interface.js';
import type { ValidateOption } from './payload-options.js';

/** Marks a definition: a registered symbol, so that two copies of this package share it. */
export const DEFINITION: unique symbol = Symbol.for('nestjs-job-queue:definition');

/** The types of a definition. No value has this member. */
declare const TYPES: unique symbol;

/**
 * A job as both sides know it, the one that pushes and the one that runs it: its name, its options, and the types of its data and
 * of its result. It has no dependencies. `defineJob()` makes it; a class with `@Job(definition)` handles it.
 *
 * `Input` is the data as a push takes it, `Data` the data as `handle` gets it.
 */
export interface JobDefinition<Data = unknown, Result = unknown, Input = Data> {
  /** The name under which its jobs are stored. */
  readonly name: string;
  /** The options, checked; durations in seconds. */
  readonly options: CheckedJobOptions;
  readonly [DEFINITION]: true;
  readonly [TYPES]: { readonly data: Data; readonly result: Result; readonly input: Input };
}

/** A definition of any types. */
// oxlint-disable-next-line typescript/no-explicit-any -- any types; `unknown` would refuse definitions of others
export type AnyJobDefinition = JobDefinition<any, any, any>;

/** The options of `defineJob()`: those of `@Job()` without the name, and without what has dependencies. */
// oxlint-disable-next-line typescript/no-explicit-any -- any data, where it does not matter
export type DefinitionOptions<Data = any> = Omit<JobOptions<Data>, 'name' | 'middleware'>;

/** The options of `defineJob()` with a schema. The functions among them get its output; `merge` makes an input of inputs. */
export interface SchemaDefinitionOptions<Schema extends StandardSchemaV1> extends Omit<
  DefinitionOptions<StandardSchemaV1.InferOutput<Schema>>,
  'schema' | 'validate' | 'debounce'
> {
  /** Checks the data; may transform it. */
  schema: Schema;
  /** When the data is checked: a schema that transforms is needed before `handle`. Default: `both`. */
  validate?: IsSame<StandardSchemaV1.InferInput<Schema>, StandardSchemaV1.InferOutput<Schema>> extends true
    ? ValidateOption
    : Exclude<ValidateOption, 'push'>;
  debounce?: DebounceOptions<StandardSchemaV1.InferOutput<Schema>, StandardSchemaV1.InferInput<Schema>>;
}

type IsSame<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/**
 * What a class of a definition implements:
 *
 * ```ts
 * @Job(ShipOrder)
 * export class ShipOrderHandler implements JobHandlerOf<typeof ShipOrder> { ... }
 * ```
 */
export type JobHandlerOf<Definition> =
  Definition extends JobDefinition<infer Data, infer Result, infer _Input> ? JobHandler<Data, Result> : never;

/** What a class of a definition with the option `chunk` implements. */
export type ChunkHandlerOf<Definition> =
  Definition extends JobDefinition<infer Data, infer Result, infer _Input> ? ChunkHandler<Data, Result> : never;

/** Returns true if the value is a definition. */
export function isJobDefinition(value: unknown): value is AnyJobDefinition {
  return typeof value === 'object' && value !== null && (value as { [DEFINITION]?: unknown })[DEFINITION] === true;
}
