/** The time in seconds, as text. Formatting takes a third of a microsecond: as much as a command. */
export const SECONDS = `string.format('%.0f', math.floor(now / 1000))`;

/**
 * The text of a status, as Lua that needs `queue`, and `seconds` for the time. It has no brace at its end, so that an error can
 * follow.
 *
 * @param state Lua, as `attempt`
 */
export function statusText(state: string, attempt: string): string {
  return `'{"status":"' .. ${state} .. '","updated_at":' .. seconds .. ',"queue":"' .. queue .. '","attempt":' .. ${attempt}`;
}

/** The error in a status, to follow the text of it. @param errorText Lua that gives JSON text */
export function statusError(errorText: string): string {
  return `',"error":' .. ${errorText}`;
}
