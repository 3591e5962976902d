import { COMPLETED_SINCE, SEARCHED } from '../fragments.js';
import { definePart } from '../part.js';
import { COMPLETED_HEAD } from './retain.part.js';

/** Tells ended jobs, whose records are kept, from live ones. */
export const ended = definePart({
  name: 'ended',
  keys: ['failed', 'completedIds', 'jobs'],
  reads: `
redis.call('ZCARD', failed)
redis.call('LLEN', completedIds)
`,
  helpers: `${COMPLETED_SINCE}
-- Elements of the list of completed jobs that were read, the number of those in front of them, and their places by their ids.
local completedRead, completedBefore, completedPlaces, completedAlone
-- Returns the element of a job in the list of completed jobs, and its index. Of a long list the first call reads only those that may be
-- of the job, and a call for another job reads all.
local function completedElement(id)
  if not completedPlaces or completedAlone and completedAlone ~= id then
    completedAlone = not completedPlaces and completedLength() > ${SEARCHED} and id or nil
    completedBefore = completedAlone and completedSince(redis.call('HGET', jobs, id)) or 0
    completedRead, completedPlaces = redis.call('LRANGE', completedIds, completedBefore, -1), {}
    for i = 1, #completedRead do completedPlaces[string.sub(completedRead[i], ${COMPLETED_HEAD + 1})] = i end
  end
  local place = completedPlaces[id]
  if place then return completedRead[place], completedBefore + place - 1 end
end
local function hasEnded(id)
  return redis.call('ZSCORE', failed, id) or completedElement(id)
end
`,
});
