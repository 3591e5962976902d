import { definePart } from '../part.js';

/** The target queue remembers a move as the push of a producer of its own, with this number. */
export const MOVE_CALL = 'move';
/** In place of the ids that the target queue refused: it refused all of them. No id begins with this character. */
export const ALL_REFUSED = '~';
/** A move is remembered for so long after the time of its jobs is over, in seconds: a message may come late. */
const REMEMBERED = 86_400;

/** Lua that reads an entry of `moving`: see the part `move out`. */
export const READ_MOVING = `
local function readMoving(id)
  local entry = redis.call('HGET', moving, id) or ''
  local by, score, own, lengths, name, at = string.match(entry, '^(%S+) (%S+) (%S+) (%d+ %d+:?%d*) ([^\\n]*)\\n()')
  if not by then return end
  local parts = {}
  for length in string.gmatch(lengths, '%d+') do
    parts[#parts + 1] = string.sub(entry, at, at + length - 1)
    at = at + length
  end
  local job = { move = by, score = score, own = own ~= '-' and own, name = name, record = string.sub(entry, at) }
  job.past, job.log, job.traits = parts[1], parts[2], parts[3] or ''
  return job
end
`;

/**
 * Takes failed jobs out of their queue, to put them into another queue, which may be in another slot. It is the first of three
 * steps, and each of them is one script:
 *
 * 1. `move out`, in the source queue, puts the jobs into the hash `moving`, and the move into the hash `moves`;
 * 2. `move in`, in the target queue, stores the jobs, and notes that under the id of the move;
 * 3. `end move`, in the source queue, forgets the jobs that the target queue has, and puts the others back to the failed ones.
 *
 * Whoever finds a move that has not ended, because its process died or is slow, asks the target queue with `refuse move`: if the
 * jobs are not there, that queue never takes them any more. After that the third step is safe. So a job is in one of the queues
 * at any time, and never in both.
 *
 * An entry of `moving` is `MOVE SCORE END FAILURES LOG:TRAITS NAME`, a line feed, the failures of the job, its log, its traits, and its
 * record with the time of the push. SCORE is that of `failed`, END that of `expiry` (`-` without one), FAILURES, LOG and TRAITS are
 * lengths, NAME is the name of a job whose id the application gave. An entry of `moves` is `TARGET ID ID ...`.
 *
 * The keys expire when the time of all jobs in them would be over, as those of failed jobs.
 *
 * A move that arrives again takes no further job. It needs the parts `failed jobs` and `owners` before it.
 *
 * `most`: the bytes after which no further job is taken. rest: ids.
 * Result: the number of ids that it looked at, how long the target queue has to remember the move in seconds, then for each job
 * its id, its record, its name, its failures, its log, its traits.
 */
export const moveOut = definePart({
  name: 'move out',
  keys: ['jobs', 'failures', 'logs', 'traits', 'moving', 'moves', 'answer'],
  args: ['move', 'target', 'answerTtl'],
  numbers: ['most'],
  reads: `
redis.call('HLEN', jobs)
redis.call('HLEN', failures)
redis.call('HLEN', logs)
redis.call('HLEN', traits)
redis.call('HLEN', moving)
redis.call('HLEN', moves)
`,
  helpers: READ_MOVING,
  body: `
local told = redis.call('GET', answer)
local looked, latest, ids, values = 0, now / 1000, {}, {}
if told then
  looked = tonumber(told)
  for id in string.gmatch(redis.call('HGET', moves, move) or '', ' (%S+)') do
    local job = readMoving(id)
    if job and job.move == move then
      latest = math.max(latest, job.own and tonumber(job.own) or job.score + failedTtl)
      values[#values + 1] = { id, job.record, job.name, job.past, job.log, job.traits }
    end
  end
else
  local bytes, entries, order = 0, {}, {}
  for i = rest, #ARGV do
    if bytes >= most then break end
    looked = looked + 1
    local id = ARGV[i]
    local _, isKept, ends = isFailed(id)
    local isElsewhere, name = ownerOf(id)
    local record = isKept and not isElsewhere and redis.call('HGET', jobs, id)
    if record then
      local score = redis.call('ZSCORE', failed, id)
      local own = S.hasExpiry and redis.call('ZSCORE', expiry, id) or '-'
      local past = redis.call('HGET', failures, id) or ''
      local log = redis.call('HGET', logs, id) or ''
      local texts = redis.call('HGET', traits, id) or ''
      local head = table.concat({ move, score, own, #past, #log .. ':' .. #texts, name or '' }, ' ')
      local entry = head .. '\\n' .. past .. log .. texts .. record
      takeFailed(id)
      bytes, latest = bytes + #entry, math.max(latest, ends)
      ids[#ids + 1], values[#values + 1] = id, { id, record, name or '', past, log, texts }
      entries[#entries + 1] = id
      entries[#entries + 1] = entry
      redis.call('PERSIST', statusPrefix .. id)
    end
  end
  redis.call('SET', answer, looked, 'PX', answerTtl)
  if #ids > 0 then
    redis.call('HDEL', jobs, unpack(ids))
    redis.call('HDEL', failures, unpack(ids))
    redis.call('HDEL', logs, unpack(ids))
    redis.call('HDEL', traits, unpack(ids))
    redis.call('HSET', moving, unpack(entries))
    redis.call('HSET', moves, move, target .. ' ' .. table.concat(ids, ' '))
  end
end
local seconds = math.ceil(latest - now / 1000) + ${REMEMBERED}
for _, key in ipairs({ moving, moves }) do
  if redis.call('TTL', key) < seconds then redis.call('EXPIRE', key, seconds) end
end
local result = { looked, seconds }
for i = 1, #values do
  for k = 1, 6 do result[#result + 1] = values[i][k] end
end
S.result = result
`,
});

/**
 * Refuses the ids of jobs that are on their way to another queue: the caller has to end the move first. It stands behind the part
 * `answer`. rest: ids.
 */
export const notMoving = definePart({
  name: 'not moving',
  keys: ['moving'],
  reads: `
local isMoving = redis.call('HLEN', moving) > 0
`,
  body: `
if isMoving then
  for i = rest, #ARGV do
    if redis.call('HEXISTS', moving, ARGV[i]) == 1 then return -1 end
  end
end
`,
});
