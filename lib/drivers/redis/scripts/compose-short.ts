import { composeScript, type ComposedScript, type ComposeOptions } from './compose-script.js';
import type { NamesOf, RepliesOf, ScriptPart, Unused } from './part.js';
import { integer, type ReplyFields } from './reply.js';

/** The code of the reply of a short script that has done nothing: the whole script has to do the work. */
export const WHOLE = 4;

/** What a short form of a script has. */
export interface ShortForm {
  /** Conditions that need not hold: the form has the parts that they are for. */
  readonly uses: readonly Unused[];
}

/**
 * Composes a short form of a script: without the parts that are `unused` by queues that do without some features. So a queue does not pay for a
 * feature that none of its jobs uses: neither commands, nor the time that Lua takes to make the functions of its parts.
 *
 * If the condition of such a part does not hold, the script replies {@link WHOLE} before its first write. The caller then sends
 * the same work to the whole script, whose field of {@link tellShort} says which form will do for the next call.
 *
 * @param parts those of the whole script
 */
export function composeShort<const Parts extends readonly ScriptPart[]>(
  name: string,
  parts: Parts,
  { uses }: ShortForm,
  options?: ComposeOptions,
): ComposedScript<
  NamesOf<Parts[number], 'keys'>,
  NamesOf<Parts[number], 'args'> | NamesOf<Parts[number], 'numbers'>,
  Partial<RepliesOf<Parts[number]>> & ReplyFields
> {
  const all: readonly ScriptPart[] = parts;
  const unused = conditions(all, uses);
  const guard: ScriptPart = {
    name: 'guard',
    meta: metaOf(unused),
    reads: `if not (${conditionOf(unused)}) then return { ${WHOLE}, 0 } end`,
  };
  const kept = all.filter((part) => {
    const own = conditionsOf(part);
    return own.length === 0 || own.some((condition) => uses.includes(condition));
  });
  // A field of `meta` that a remaining part reads, too, is read once.
  return composeScript(name, [...kept, guard], { ...options, isPartial: true });
}

/**
 * The last part of a script that has short forms. Its reply tells which of them will do for the next call: the number of the first one that
 * does, from 1; 0 if none does.
 *
 * @param forms the shortest one first
 */
export function tellShort(parts: readonly ScriptPart[], forms: readonly ShortForm[]) {
  const lasting = forms.map(({ uses }) => conditions(parts, uses).filter(({ isOfCall }) => !isOfCall));
  const choices = lasting.map((all, i) => `${conditionOf(all)} and ${i + 1}`);
  return {
    name: 'tell short',
    meta: metaOf(lasting.flat()),
    reply: { form: integer([...choices, '0'].join(' or ')) },
  } as const satisfies ScriptPart;
}

function conditionsOf({ unused }: ScriptPart): readonly Unused[] {
  return unused === undefined ? [] : [unused].flat();
}

/** Returns the conditions of all parts but those that need not hold, each once. */
function conditions(parts: readonly ScriptPart[], uses: readonly Unused[]): readonly Unused[] {
  return [...new Set(parts.flatMap(conditionsOf))].filter((condition) => !uses.includes(condition));
}

function conditionOf(all: readonly Unused[]): string {
  return all.map(({ when }) => `(${when})`).join(' and ');
}

function metaOf(all: readonly Unused[]): Readonly<Record<string, 'number' | 'text'>> {
  return Object.assign({}, ...all.map(({ meta }) => meta ?? {})) as Record<string, 'number' | 'text'>;
}
