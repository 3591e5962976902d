import type { StandardSchemaV1 } from '@standard-schema/spec';
import { isDeepStrictEqual } from 'node:util';
import { InvalidJobError } from '../queue.errors.js';
import { OptionReader } from '../support/option-reader.js';
import {
  DEFINITION,
  type AnyJobDefinition,
  type DefinitionOptions,
  type JobDefinition,
  type SchemaDefinitionOptions,
} from './job-definition.js';
import { DEFINITION_OPTIONS, readJobOptions } from './job-options.reader.js';
import { isJobName } from './job-record.js';
import { assertPayloadOptions } from './payload-options.js';

/** The definitions of this process, by name: those with different options. */
const known = new Map<string, AnyJobDefinition[]>();

/**
 * Defines a job apart from the class that handles it: its name, its options, the types of its data and its result. Code that
 * pushes the job imports the definition, and nothing of the handler:
 *
 * ```ts
 * export const ShipOrder = defineJob<{ order: string }, { parcel: string }>('ship-order', { queue: 'orders' });
 *
 * await queue.push(ShipOrder, { order: '4711' });
 * ```
 *
 * A class handles it with `@Job(ShipOrder)`. With a `schema` the types come from it: a push takes its input, `handle` gets its output.
 *
 * @param name the name under which the jobs are stored: 1 to 200 characters without control characters
 * @param options the options of `@Job()`, without `name`
 * @throws InvalidJobError if the name cannot be stored
 * @throws InvalidOptionError, InvalidQueueNameError
 */
export function defineJob<Schema extends StandardSchemaV1, Result = void>(
  name: string,
  options: SchemaDefinitionOptions<Schema>,
): JobDefinition<StandardSchemaV1.InferOutput<Schema>, Result, StandardSchemaV1.InferInput<Schema>>;
export function defineJob<Data = void, Result = void>(
  name: string,
  options?: DefinitionOptions<Data>,
): JobDefinition<Data, Result>;
export function defineJob(name: string, options: object = {}): AnyJobDefinition {
  if (!isJobName(name)) throw InvalidJobError.badDefinitionName(name);
  const where = `defineJob(${JSON.stringify(name)})`;
  const given = OptionReader.of(options, where);
  given.refuseOthers(DEFINITION_OPTIONS);
  const checked = Object.freeze(readJobOptions(given, where));
  assertPayloadOptions(checked, where);
  const definition = Object.freeze({ name, options: checked, [DEFINITION]: true }) as AnyJobDefinition;
  remember(definition);
  return definition;
}

/**
 * Finds the definition of a name.
 *
 * @throws InvalidJobError if there are several with different options
 */
export function findDefinition(name: string): AnyJobDefinition | undefined {
  const definitions = known.get(name);
  if (definitions && definitions.length > 1) throw InvalidJobError.severalDefinitions(name);
  return definitions?.[0];
}

/** Returns the names of all definitions of this process. */
export function definedNames(): string[] {
  return [...known.keys()];
}

/** Keeps the last definition of those that are alike: a file may be loaded twice. */
function remember(definition: AnyJobDefinition): void {
  const others = known.get(definition.name) ?? [];
  const differing = others.filter(({ options }) => !isDeepStrictEqual(asText(options), asText(definition.options)));
  known.set(definition.name, [...differing, definition]);
}

/** Takes the text in place of a function: a file that is loaded twice makes its functions twice. A schema is made twice as well. */
function asText(options: object): object {
  return Object.fromEntries(
    Object.entries(options as Record<string, unknown>).map(([name, value]) => [
      name,
      name === 'schema' ? true : textOf(value),
    ]),
  );
}

function textOf(value: unknown): unknown {
  if (typeof value === 'function') return String(value);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? asText(value) : value;
}
