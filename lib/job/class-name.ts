/** One or two characters: minifiers give such names. */
const SHORT = /^.{0,2}$/u;
/** `mixin()` of Nest: 21 random hexadecimal digits. */
const MIXIN = /^[\da-f]{21}$/;
/** What compilers and engines call a class without a name: `default`, `default_1`, `_class`, `class_1`. */
const ANONYMOUS = /^_?(?:default|class|anonymous)(?:_?\d+)?$/;

/**
 * Tells whether a tool seems to have made the name of a class. Another build, or another process, gives the class another
 * name, or gives the name to another class: jobs that are stored under it would run the wrong class.
 */
export function isGeneratedName(className: string): boolean {
  return [SHORT, MIXIN, ANONYMOUS].some((pattern) => pattern.test(className));
}
