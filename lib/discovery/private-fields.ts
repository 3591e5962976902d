/** Comments and strings: a text in them can look like a declaration. */
const NO_CODE = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|`(?:\\[\s\S]|[^\\`])*`|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"/g;
/** The declaration of a private field: at the start of a line, or behind another member. Private methods and static fields differ. */
const PRIVATE_FIELD = /(?:^|[{};])[ \t]*(#[\p{ID_Start}$_][\p{ID_Continue}$]*)\s*(?:[;}]|=(?![=>])|$)/mu;

/**
 * Returns the name of the first `#private` field that a class or one of its parents declares; `undefined` if there is none.
 *
 * Nothing outside of a class can see or set its private fields, so its source is read. Fields that a compiler replaced by a
 * `WeakMap` are not found.
 */
export function findPrivateField(jobClass: object): string | undefined {
  for (let owner: unknown = jobClass; typeof owner === 'function'; owner = Object.getPrototypeOf(owner)) {
    const source = Function.prototype.toString.call(owner).replaceAll(NO_CODE, '0');
    const field = PRIVATE_FIELD.exec(source)?.[1];
    if (field !== undefined) return field;
  }
  return undefined;
}
