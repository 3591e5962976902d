import { defineScript } from './script.js';

/**
 * Writes a status that the application gave. It works on a server without free memory as well: there only pushes are refused.
 *
 * Reply: 1.
 */
export const setStatusScript = defineScript({
  name: 'set-status',
  keys: ['status'],
  args: ['state', 'queue', 'attempt', 'errorText', 'statusTtl'],
  flags: ['allow-oom'],
  body: `
local text = '{"status":"' .. state .. '","updated_at":' .. string.format('%.0f', math.floor(now / 1000))
  .. ',"queue":"' .. queue .. '","attempt":' .. attempt
if errorText ~= '' then text = text .. ',"error":' .. errorText end
redis.call('SET', status, text .. '}', 'EX', statusTtl)
return 1
`,
});
