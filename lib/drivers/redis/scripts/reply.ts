/**
 * A field of the reply of a script: the Lua that makes it, and the function that reads it in the client. The order of a
 * reply is generated for both from the same declaration, so that the two sides cannot disagree.
 */
export interface ReplyField<T = unknown> {
  readonly lua: string;
  readonly type: 'integer' | 'flag' | 'text' | 'list';
  /** The list in `S` that is stored with the answer to a poll, and replied again if the poll arrives again. */
  readonly kept?: string;
  /** The type of the value; never set. */
  readonly value?: T;
}

export type ReplyFields = Readonly<Record<string, ReplyField>>;

/** A reply as the client sees it. */
export type ReplyOf<Fields extends ReplyFields> = {
  readonly [Name in keyof Fields]: Fields[Name] extends ReplyField<infer T> ? T : never;
};

/** A whole number. Redis cuts fractions off. */
export function integer(lua: string): ReplyField<number> {
  return { lua, type: 'integer' };
}

/** A condition. */
export function flag(lua: string): ReplyField<boolean> {
  return { lua: `(${lua}) and 1 or 0`, type: 'flag' };
}

export function text(lua: string): ReplyField<string> {
  return { lua, type: 'text' };
}

/** A list of texts without a gap; `null` stands for a missing text. */
export function list<T extends string | null = string>(lua: string): ReplyField<T[]> {
  return { lua, type: 'list' };
}

/** A list of ids in `S` that is replied again if a poll that was executed arrives again. */
export function keptList(name: string): ReplyField<string[]> {
  return { ...list(`S.${name}`), kept: name };
}

/** Writes the Lua that returns a reply. */
export function writeReply(fields: ReplyFields): string {
  return `return { ${Object.values(fields)
    .map(({ lua }) => lua)
    .join(', ')} }`;
}

/** Reads a reply by the names of its fields. If a reply ends early, the other fields stay empty. */
export function readReply<Fields extends ReplyFields>(fields: Fields, raw: unknown): ReplyOf<Fields> {
  const values = raw as readonly unknown[];
  const reply: Record<string, unknown> = {};
  let at = 0;
  for (const name in fields) {
    const value = values[at++];
    switch (fields[name]!.type) {
      case 'integer':
        reply[name] = Number(value ?? 0);
        break;
      case 'flag':
        reply[name] = Number(value) === 1;
        break;
      case 'text':
        reply[name] = value ?? '';
        break;
      case 'list':
        reply[name] = value ?? [];
        break;
    }
  }
  return reply as ReplyOf<Fields>;
}
