/** The time in seconds, as text. To format it takes a third of a microsecond: as much as a command. */
export const SECONDS = `string.format('%.0f', math.floor(now / 1000))`;

/**
 * Returns the text of a status, as Lua that needs `queue`, and `seconds` for the time. It has no brace at its end, so
 * that an error can follow.
 *
 * @param state Lua, as `attempt`
 */
export function statusText(state: string, attempt: string): string {
  return `'{"status":"' .. ${state} .. '","updated_at":' .. seconds .. ',"queue":"' .. queue .. '","attempt":' .. ${attempt}`;
}

/** Returns the name in a status, which follows the text of the status. @param name Lua */
export function statusName(name: string): string {
  return `',"name":' .. cjson.encode(${name})`;
}

/**
 * The beginning of the progress in a status. It is the last field. It cannot be part of a text: there a quotation mark follows a
 * backslash.
 */
export const PROGRESS_IN_STATUS = ',"progress":';

/** The beginning of the result in a status, in front of the progress. */
export const RESULT_IN_STATUS = ',"result":';

/**
 * Returns the error in a status, which follows the text of the status. @param errorText Lua that evaluates to JSON text
 */
export function statusError(errorText: string): string {
  return `',"error":' .. ${errorText}`;
}
