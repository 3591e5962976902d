import { WORKER_LOST } from '../../../../job/job-status.js';
import { rarely } from '../helpers.js';
import { hook } from '../hooks.js';
import { POLLS } from '../../keys.js';
import { definePart } from '../part.js';
import { flag, keptList } from '../reply.js';

/** The most jobs of a lost consumer that one poll takes over. */
const REAPED = 50;

/**
 * Recovers the jobs of lost consumers: they are tried again, apart from the others, since one of them may have killed
 * its worker. This part does all of it; without this part a script claims and settles, and leaves the jobs of lost
 * consumers alone.
 *
 * 1. A poll takes over the jobs of one lost consumer once the grace of a silence is over.
 * 2. A recovered job stays a recovered job until its end.
 * 3. A poll that asks for a recovered job claims one, before the ready jobs.
 * 4. A poll learns when the next lease runs out, so that the consumer polls again then.
 */
export const recover = definePart({
  name: 'recover',
  keys: ['recovered', 'consumers', 'attempts', 'ready'],
  args: ['takesRecovered', 'claimedPrefix'],
  shared: { takenOver: '{}' },
  reads: `
S.recoveredDepth = redis.call('LLEN', recovered)
if S.hasAttempts then S.placesEach = true end
`,
  body: `
if now >= S.grace then
  local at = S.leases[1] == consumer and 3 or 1
  local ends = tonumber(S.leases[at + 1])
  if ends and ends <= now then
    ${rarely(`
    local lost = S.leases[at]
    local theirs = redis.pcall('HRANDFIELD', claimedPrefix .. lost, ${REAPED}, 'WITHVALUES')
    if theirs.err then
      -- Another program put a key of another type here. It holds no job of this queue.
      redis.call('UNLINK', claimedPrefix .. lost)
      theirs = {}
    end
    local moved, ids = {}, {}
    for i = 1, #theirs, 2 do moved[#moved + 1] = { tonumber(theirs[i + 1]) or 0, theirs[i] } end
    table.sort(moved, function(a, b) return a[1] < b[1] end)
    for i = 1, #moved do
      local id = moved[i][2]
      ids[i] = id
      local tries, crashes, unknown, since, releases = attemptsOf(id)
      redis.call('RPUSH', recovered, id)
      redis.call('HDEL', claimedPrefix .. lost, id)
      setAttempts(id, tries, crashes + 1, unknown, since, releases)
      setStatus(id, 'retrying', tries + 1, '${JSON.stringify(WORKER_LOST)}')
    end
    if #ids > 0 then
      S.placesEach = true
      S.recoveredDepth = S.recoveredDepth + #ids
      S.takenOver = { lost, unpack(ids) }
      ${hook('recovered', 'ids', 'lost')}
    end
    if redis.call('HLEN', claimedPrefix .. lost) > 0 then
      redis.call('ZADD', consumers, 0, lost)
    else
      redis.call('ZREM', consumers, lost)
      redis.call('DEL', ready .. '${POLLS}' .. lost)
    end
    S.leases = nil
`)}
  end
end
`,
  on: {
    // If an administrator deleted the list of consumers, the jobs that this consumer holds must not be forgotten with
    // it.
    lost: `
if S.held > 0 then redis.call('ZADD', consumers, 0, consumer) end
`,
    place: `
if crashes > 0 then
  redis.call(push, recovered, id)
  S.recoveredDepth = S.recoveredDepth + 1
  return
end
`,
    source: `
if S.limit > #taken and takesRecovered == '1' and S.recoveredDepth > 0 then
  local chosen
  ${hook('chooseRecovered', 'chosen')}
  if chosen then
    S.recoveredDepth = S.recoveredDepth - redis.call('LREM', recovered, 1, chosen)
    taken[#taken + 1] = chosen
  elseif chosen == nil then
    local popped = { redis.call('LPOP', recovered) }
    S.recoveredDepth = S.recoveredDepth - 1
    ${hook('popped', `'recovered'`, 'popped')}
    taken[#taken + 1] = popped[1]
  end
end
`,
    // A recovered job that this consumer may not take must not wake it again and again.
    waking: `
wakes = wakes or S.recoveredDepth > 0 and takesRecovered == '1' and not S.isPassedOver
quiet = quiet and S.recoveredDepth == 0
`,
    // The time at which the next consumer is lost unless it gives a sign of life. A consumer that is lost already has
    // more jobs than one poll can take over, or a grace to wait for.
    due: `
local leases = S.leases or redis.call('ZRANGE', consumers, '0', '1', 'WITHSCORES')
local ends = tonumber(leases[leases[1] == consumer and 4 or 2])
if ends and ends <= now then ends = math.max(ends, S.grace or 0) end
due = math.min(due, ends or math.huge)
`,
  },
  reply: {
    recovered: flag('S.recoveredDepth > 0 and not S.isBlocked and not S.isPassedOver'),
    takenOver: keptList('takenOver'),
  },
});
