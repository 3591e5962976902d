import type { HookName } from './hooks.js';
import type { ReplyFields } from './reply.js';

/**
 * A duty of a script, as `composeScript` takes it. A part knows other parts only by the hooks, the helpers and the
 * fields of `S`, which they share.
 */
export interface ScriptPart {
  readonly name: string;
  /** Names of the keys that it uses. Several parts may name the same key. */
  readonly keys?: readonly string[];
  /** Names of the arguments that it takes as text. */
  readonly args?: readonly string[];
  /**
   * Names of the arguments that it takes as numbers. A number that the script only passes to a command is faster as
   * text.
   */
  readonly numbers?: readonly string[];
  /**
   * Names of locals that are lists, with the names of their elements in their order: `group.flag` in the Lua stands for an element. A list is
   * made in half of the time of a table with names, and takes a fifth of its memory.
   */
  readonly fields?: Readonly<Record<string, readonly string[]>>;
  /** Fields of `S` that have a value from the start, in Lua. The others are nil until they are set. */
  readonly shared?: Readonly<Record<string, string>>;
  /**
   * Fields of the hash `meta` that it needs. One command reads them for all parts, into `S`. A missing field is `nil`.
   */
  readonly meta?: Readonly<Record<string, 'number' | 'text'>>;
  /** Fields of the hash `meta` that it writes with each {@link WRITE_META}, with their Lua values. */
  readonly keeps?: Readonly<Record<string, string>>;
  /** When a queue does without this part: see `composeShort`. All conditions of a list have to hold. */
  readonly unused?: Unused | readonly Unused[];
  /** Lua that reads, and sets fields of `S`. It stands before the first write of any part. */
  readonly reads?: string;
  /** Lua that declares locals and functions for this part and the parts behind it. See `rarely` for those that few calls need. */
  readonly helpers?: string;
  /** Lua that acts, in its own block. */
  readonly body?: string;
  /** Lua for the hooks of other parts. */
  readonly on?: Partial<Readonly<Record<HookName, string>>>;
  /** Fields of the reply. */
  readonly reply?: ReplyFields;
}

/**
 * The condition under which a queue does without a part, because no job uses its feature. Scripts that begin a use change the
 * fields of `meta` that it reads.
 */
export interface Unused {
  /** Fields of the hash `meta` that it reads, as those of a part. */
  readonly meta?: Readonly<Record<string, 'number' | 'text'>>;
  /** Lua of the condition, on fields of `S`. */
  readonly when: string;
  /** True if the condition depends on the call: then it tells nothing of the next one. */
  readonly isOfCall?: boolean;
}

/** Declares a part: gives its names their types. */
export function definePart<const Part extends ScriptPart>(part: Part): Part {
  return part;
}

/** Marks, on its own line, the place of the command that writes the fields of `meta`. */
export const WRITE_META = '--@@meta';

/** Marks the place of the Lua that adds the kept lists of the reply to the text `kept`. */
export const WRITE_KEPT = '--@@write-kept';

/** Marks the place of the Lua that reads the kept lists of the reply from the text `kept`. */
export const READ_KEPT = '--@@read-kept';

/** The names in a list that each of some parts has. */
export type NamesOf<Part, List extends 'keys' | 'args' | 'numbers'> =
  Part extends Readonly<Record<List, readonly (infer Name extends string)[]>> ? Name : never;

/** The fields of the reply that some parts make together. */
export type RepliesOf<Part> = Merged<Part extends { readonly reply: infer Fields } ? Fields : object>;

/** Merges all members of a union into one type. */
type Merged<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;
