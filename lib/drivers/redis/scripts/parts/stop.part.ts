import { OUTCOME } from './outbox.part.js';
import { hook } from '../hooks.js';
import { definePart } from '../part.js';
import { NO_FENCE } from './retain.part.js';

/** The bytes of records after which one script stops no further job. */
const MOST_BYTES = 1_000_000;
/** The length of the time of the push in front of a record. */
const TIME_LENGTH = 13;

/**
 * Cancels members of a batch that have not started, since another one has failed. The entry in the outbox has the whole job: a retry of the batch
 * pushes it again. A second arrival finds nothing to do. It needs the part `take waiting jobs` before it.
 *
 * rest: ids. Reply: how many of them it has looked at.
 */
export const stopMembers = definePart({
  name: 'stop members',
  keys: ['jobs', 'cancelled'],
  args: ['reasonText', 'completedTtl'],
  shared: { result: '0' },
  reads: `
redis.call('HLEN', cancelled)
`,
  helpers: `
local function hasStarted(id)
  local tries, crashes, _, _, releases = attemptsOf(id)
  return tries + crashes > 0 or releases ~= '' or redis.call('HEXISTS', cancelled, id) == 1
end
`,
  body: `
local ids, ended, fences, bytes = {}, {}, {}, 0
for i = rest, #ARGV do ids[#ids + 1] = ARGV[i] end
lookForHolders(ids)
readTraits(ids)
for i = 1, #ids do
  if bytes > ${MOST_BYTES} then break end
  local id = ids[i]
  local flow, record = box.flowOf(id), redis.call('HGET', jobs, id)
  if flow and record and not hasStarted(id) and takeWaiting(id) then
    local traitText = traitTexts[id]
    S.stopped[#S.stopped + 1] = table.concat({ flow, ' ${OUTCOME.stopped} ', id, '\\n', #traitText, '\\n', traitText, string.sub(record, ${TIME_LENGTH + 1}) })
    if S.hasAttempts then redis.call('HDEL', attempts, id) end
    endStatus(id, 'cancelled', 0, reasonText, completedTtl)
    ended[#ended + 1] = id
    fences[#fences + 1] = '${NO_FENCE}'
    bytes = bytes + #record
  end
  S.result = i
end
if #ended > 0 then
  forgetCompleted(ended, fences, 'x')
  ${hook('dropped', 'ended')}
end
`,
});
