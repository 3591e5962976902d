/**
 * Declares `statusText(state, attempt, errorText)`: a status as it is stored. It needs `queue`, and `seconds`, the time as text;
 * `errorText` is JSON text, or nil.
 */
export const STATUS_TEXT = `
local function statusText(state, attempt, errorText)
  local text = '{"status":"' .. state .. '","updated_at":' .. seconds .. ',"queue":"' .. queue .. '","attempt":' .. attempt
  if errorText then return text .. ',"error":' .. errorText .. '}' end
  return text .. '}'
end
`;

/** The time in seconds, as text. Formatting takes a third of a microsecond: as much as a command. */
export const SECONDS = `string.format('%.0f', math.floor(now / 1000))`;
