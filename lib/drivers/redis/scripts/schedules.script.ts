import { defineScript } from './script.js';

/** The first letter of the members of the sorted set `due`: a schedule, or a job that has to be pushed. */
export const MEMBER = { schedule: 's', job: 'o' } as const;
/** The bytes after which a call reads no more: records may be large. */
const MOST_BYTES = 1_000_000;

const KEYS = ['due', 'texts', 'states', 'apps', 'outbox'] as const;

/** Lua that reads all keys: a key of the wrong type stops the script before it has written anything. */
const READS = `
redis.call('ZCARD', due)
for _, key in ipairs({ texts, states, apps, outbox }) do redis.call('HLEN', key) end
local function firstTime()
  return tonumber(redis.call('ZRANGE', due, 0, 0, 'WITHSCORES')[2])
end
`;

/**
 * Sets, changes or removes a schedule, and records the jobs that have to be pushed. They belong to the caller for the time `claim`.
 *
 * `expected`: its state; empty if there is none. `state`: empty to remove it. `text`: empty to leave it. `next`: empty for never.
 * `application`: empty if none declares it. rest: id and text of each job. Reply: 1, or 0 if its state is another one; then the time.
 */
export const changeScheduleScript = defineScript({
  name: 'change schedule',
  keys: KEYS,
  args: ['channel', 'name', 'expected', 'state', 'text', 'next', 'application', 'claim'],
  numbers: ['claim'],
  flags: [],
  body: `${READS}
local current = redis.call('HGET', states, name) or ''
if current ~= state then
  if current ~= expected then return { 0, now } end
  local before, member = firstTime(), '${MEMBER.schedule}' .. name
  if state == '' then
    redis.call('ZREM', due, member)
    for _, key in ipairs({ texts, states, apps }) do redis.call('HDEL', key, name) end
  else
    redis.call('HSET', states, name, state)
    if text ~= '' then redis.call('HSET', texts, name, text) end
    if next ~= '' then redis.call('ZADD', due, next, member) else redis.call('ZREM', due, member) end
    if application ~= '' then redis.call('HSET', apps, name, application) else redis.call('HDEL', apps, name) end
  end
  for i = rest, #ARGV, 2 do
    redis.call('HSET', outbox, ARGV[i], ARGV[i + 1])
    redis.call('ZADD', due, string.format('%.0f', now + claim), '${MEMBER.job}' .. ARGV[i])
  end
  local after = firstTime()
  if after and (not before or after < before) then redis.pcall('PUBLISH', channel, '') end
end
return { 1, now }
`,
});

/**
 * Takes what is due: schedules, and jobs that a process has left. For the time `claim` no other call gets it.
 *
 * Reply: the time; when something is due next, or -1; how many were taken; then for each of them the member, and its state and its text, or
 * the job and an empty text.
 */
export const takeSchedulesScript = defineScript({
  name: 'take schedules',
  keys: KEYS,
  args: ['limit', 'claim'],
  numbers: ['limit', 'claim'],
  flags: ['allow-oom'],
  body: `${READS}
local members = redis.call('ZRANGE', due, '-inf', string.format('%.0f', now), 'BYSCORE', 'LIMIT', 0, limit)
local taken, bytes, count = {}, 0, 0
for _, member in ipairs(members) do
  local name, first, second = string.sub(member, 2), nil, ''
  if string.sub(member, 1, 1) == '${MEMBER.schedule}' then
    first, second = redis.call('HGET', states, name), redis.call('HGET', texts, name)
  else
    first = redis.call('HGET', outbox, name)
  end
  if first and second then
    redis.call('ZADD', due, string.format('%.0f', now + claim), member)
    taken[3 * count + 1], taken[3 * count + 2], taken[3 * count + 3] = member, first, second
    bytes, count = bytes + #first + #second, count + 1
    if bytes > ${MOST_BYTES} then break end
  else
    redis.call('ZREM', due, member)
  end
end
return { now, firstTime() or -1, count, unpack(taken) }
`,
});

/** Removes jobs that were pushed. rest: their ids. Reply: 1. */
export const forgetScheduledScript = defineScript({
  name: 'forget scheduled',
  keys: ['due', 'outbox'],
  args: [],
  flags: ['allow-oom'],
  body: `
redis.call('HLEN', outbox)
for i = rest, #ARGV do
  redis.call('ZREM', due, '${MEMBER.job}' .. ARGV[i])
  redis.call('HDEL', outbox, ARGV[i])
end
return 1
`,
});

/** Reads schedules. rest: their names. Reply: the time; then state and text of each, in their order, or two empty texts. */
export const readSchedulesScript = defineScript({
  name: 'read schedules',
  keys: ['texts', 'states'],
  args: [],
  flags: ['no-writes', 'allow-oom'],
  body: `
local reply = { now }
for i = rest, #ARGV do
  reply[#reply + 1] = redis.call('HGET', states, ARGV[i]) or ''
  reply[#reply + 1] = redis.call('HGET', texts, ARGV[i]) or ''
end
return reply
`,
});
