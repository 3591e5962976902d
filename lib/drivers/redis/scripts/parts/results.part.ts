import { RESULT_IN_STATUS, statusError } from '../fragments.js';
import { definePart } from '../part.js';
import { KEPT } from './told.part.js';

/** Keeps the results of completed jobs in their statuses. It needs the part `told` before it, and `progress` behind it. */
export const results = definePart({
  name: 'results',
  on: {
    statusTime: `
local keepFor = state == 'completed' and S.kept and S.kept[id] and S.kept[id]['${KEPT.keepFor}']
if keepFor and tonumber(keepFor) > tonumber(ttl) then ttl = keepFor end
`,
    statusEnd: `
local kept = state == 'completed' and S.kept and S.kept[id]
if kept then
  local why, result = kept['${KEPT.error}'], kept['${KEPT.result}']
  if why then text = text .. ${statusError('why')} end
  if result then text = text .. '${RESULT_IN_STATUS}' .. result end
end
`,
  },
});
