/** What stands in the place of half a character. */
const REPLACEMENT = '\ufffd';
/** Half of a surrogate pair; with the flag `u` a whole pair does not match. */
const HALVES = /\p{Cs}/gu;
/** An escaped half in JSON, which writes whole pairs without escapes; the other alternative skips the other escapes. */
const ESCAPED = /\\(?:u[dD][89a-fA-F][\da-fA-F]{2}|[^])/g;

/** Replaces halves of surrogate pairs: UTF-8 cannot hold them, and some readers of JSON refuse them. */
export function wholeText(text: string): string {
  return text.replace(HALVES, REPLACEMENT);
}

/** Replaces halves of surrogate pairs in a text that `JSON.stringify` made. */
export function wholeJson(json: string): string {
  return json.replace(ESCAPED, (escape) => (escape.length > 2 ? REPLACEMENT : escape));
}

/** Cuts a text that is longer than `length` UTF-16 units, between whole characters, and replaces halves of characters. */
export function cutText(text: string, length: number): string {
  return wholeText(text.length <= length ? text : `${startOf(text, length - 1)}…`);
}

/** Returns the beginning of a text; one unit less if that would cut a character. */
function startOf(text: string, length: number): string {
  return text.slice(0, /[\ud800-\udbff]/.test(text.charAt(length - 1)) ? length - 1 : length);
}
