import { MAY_HAVE } from '../../trait-codec.js';
import { definePart } from '../part.js';
import { PUT_LOGS } from './logs.part.js';
import { ALL_REFUSED, READ_MOVING } from './move-out.part.js';
import { PUT_TRAITS } from './traits.part.js';

/**
 * How long the way to a job is kept that moved to another queue, in seconds, if its id names the queue that it left and nothing
 * else leads to it.
 */
const LED_FOR = 90 * 86_400;

/**
 * Ends a move: see the part `move out`. It forgets the jobs that the target queue has, and puts the refused ones back to the
 * failed ones, in their old places. A refused job whose id is taken by a new job meanwhile is gone, as an ended job whose id is
 * taken. A second arrival changes nothing. It needs the part `failed jobs` before it.
 *
 * `leads`: 1 to keep the way to a job with a generated id.
 * rest: the ids that the target queue refused, or {@link ALL_REFUSED}.
 */
export const endMove = definePart({
  name: 'end move',
  keys: ['jobs', 'failures', 'logs', 'traits', 'moving', 'moves', 'givenIds', 'meta'],
  args: ['move', 'queue', 'statusPrefix', 'movedPrefix', 'othersBase', 'leads'],
  reads: `
redis.call('HLEN', jobs)
redis.call('HLEN', failures)
redis.call('HLEN', logs)
redis.call('HLEN', traits)
redis.call('HLEN', meta)
redis.call('HLEN', moving)
redis.call('HLEN', moves)
redis.call('HLEN', givenIds)
`,
  helpers: READ_MOVING + PUT_LOGS + PUT_TRAITS,
  body: `
local target, list = string.match(redis.call('HGET', moves, move) or '', '^(%S+) (.*)$')
local refused = {}
for i = rest, #ARGV do refused[ARGV[i]] = true end
for id in string.gmatch(list or '', '%S+') do
  local job = readMoving(id)
  if job and job.move == move then
    redis.call('HDEL', moving, id)
    local isTaken = redis.call('HEXISTS', jobs, id) == 1
    if not refused[id] and not refused['${ALL_REFUSED}'] then
      -- In a cluster each queue has statuses of its own; else the status is that of the job in its new queue.
      if othersBase == '' and not isTaken then redis.call('UNLINK', statusPrefix .. id) end
      if leads == '1' and job.name == '' then redis.call('SET', movedPrefix .. id, target, 'EX', ${LED_FOR}) end
    elseif not isTaken and (othersBase == '' or redis.call('HEXISTS', givenIds, id) == 0) then
      S.isBack = true
      redis.call('HSET', jobs, id, job.record)
      if job.past ~= '' then redis.call('HSET', failures, id, job.past) end
      if job.log ~= '' then putLogs({ id, job.log }) end
      if job.traits ~= '' then putTraits({ id, job.traits }, '${MAY_HAVE.anything}') end
      redis.call('ZADD', failed, job.score, id)
      if job.own then
        redis.call('ZADD', expiry, job.own, id)
        redis.call('ZADD', ownTime, job.score, id)
        S.hasExpiry = true
      end
      local text = redis.pcall('GET', statusPrefix .. id)
      if type(text) == 'string' and string.find(text, ',"queue":"' .. queue .. '",', 1, true) then
        local left = (job.own and tonumber(job.own) or job.score + failedTtl) - now / 1000
        redis.call('PEXPIRE', statusPrefix .. id, math.max(1, math.floor(left * 1000 + 0.5)))
      end
    end
  end
end
redis.call('HDEL', moves, move)
`,
});
