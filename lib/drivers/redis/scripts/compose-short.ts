import { composeScript, type ComposedScript, type ComposeOptions } from './compose-script.js';
import type { NamesOf, RepliesOf, ScriptPart, Unused } from './part.js';
import { flag, type ReplyFields } from './reply.js';

/** The code of the reply of a short script that has done nothing: the whole script has to do the work. */
export const WHOLE = 4;

/**
 * Composes the short form of a script: without the parts that are `unused` by most queues. So a queue pays for no feature that none of its
 * jobs uses: neither commands, nor the time that Lua takes to make the functions of its parts.
 *
 * If the condition of such a part does not hold, the script replies {@link WHOLE} before its first write. The caller then sends
 * the same work to the whole script, whose field of {@link tellShort} says when the short form will do again.
 *
 * @param parts those of the whole script
 */
export function composeShort<const Parts extends readonly ScriptPart[]>(
  name: string,
  parts: Parts,
  options?: ComposeOptions,
): ComposedScript<
  NamesOf<Parts[number], 'keys'>,
  NamesOf<Parts[number], 'args'> | NamesOf<Parts[number], 'numbers'>,
  Partial<RepliesOf<Parts[number]>> & ReplyFields
> {
  const all: readonly ScriptPart[] = parts;
  const unused = conditions(all);
  const guard: ScriptPart = {
    name: 'guard',
    meta: metaOf(unused),
    reads: `if not (${conditionOf(unused)}) then return { ${WHOLE}, 0 } end`,
  };
  const kept = all.filter((part) => !part.unused);
  // A field of `meta` that a remaining part reads, too, is read once.
  return composeScript(name, [...kept, guard], { ...options, isPartial: true });
}

/** The last part of a script that has a short form. Its reply tells if the short form will do for the next call. */
export function tellShort(parts: readonly ScriptPart[]) {
  const lasting = conditions(parts).filter(({ isOfCall }) => !isOfCall);
  return {
    name: 'tell short',
    meta: metaOf(lasting),
    reply: { isShort: flag(conditionOf(lasting)) },
  } as const satisfies ScriptPart;
}

function conditions(parts: readonly ScriptPart[]): readonly Unused[] {
  return [...new Set(parts.flatMap(({ unused }) => unused ?? []))];
}

function conditionOf(all: readonly Unused[]): string {
  return all.map(({ when }) => `(${when})`).join(' and ');
}

function metaOf(all: readonly Unused[]): Readonly<Record<string, 'number' | 'text'>> {
  return Object.assign({}, ...all.map(({ meta }) => meta ?? {})) as Record<string, 'number' | 'text'>;
}
