import { MEMBER } from './schedules.script.js';
import { defineScript } from './script.js';

/** The most processes that one script forgets. */
const MOST = 500;

const KEYS = ['due', 'texts', 'states', 'apps', 'processes', 'declared'] as const;

/**
 * Lua that knows the processes that declare schedules. A member of `processes` is an application, a space and a process.
 *
 * `forgetDead()` forgets those whose time is over, and returns their applications. `sweep(application)` removes the schedules of an
 * application that none of its processes declares; nothing if it has no process.
 */
const HELPERS = `
redis.call('ZCARD', due)
redis.call('ZCARD', processes)
for _, key in ipairs({ texts, states, apps, declared }) do redis.call('HLEN', key) end
local function applicationOf(member)
  return string.match(member, '^%S+')
end
local function forgetDead()
  local dead = redis.call('ZRANGE', processes, '-inf', string.format('%.0f', now), 'BYSCORE', 'LIMIT', 0, ${MOST})
  local applications = {}
  for _, member in ipairs(dead) do applications[applicationOf(member)] = true end
  if #dead > 0 then
    redis.call('ZREM', processes, unpack(dead))
    redis.call('HDEL', declared, unpack(dead))
  end
  return applications
end
local function isLive(application)
  for _, member in ipairs(redis.call('ZRANGE', processes, 0, -1)) do
    if applicationOf(member) == application then return true end
  end
  return false
end
local function sweep(application)
  local names, seen, isLive = {}, {}, false
  for _, member in ipairs(redis.call('ZRANGE', processes, 0, -1)) do
    if applicationOf(member) == application then
      isLive = true
      local text = redis.call('HGET', declared, member) or ''
      -- Most processes of an application declare the same.
      if not seen[text] then
        seen[text] = true
        for name in string.gmatch(text, '[^\\n]+') do names[name] = true end
      end
    end
  end
  if not isLive then return end
  local owned = redis.call('HGETALL', apps)
  for i = 1, #owned, 2 do
    if owned[i + 1] == application and not names[owned[i]] then
      redis.call('ZREM', due, '${MEMBER.schedule}' .. owned[i])
      for _, key in ipairs({ texts, states, apps }) do redis.call('HDEL', key, owned[i]) end
    end
  end
end
local function tell(member, keep)
  redis.call('ZADD', processes, string.format('%.0f', now + keep), member)
  for _, key in ipairs({ processes, declared }) do
    if redis.call('PTTL', key) < keep then redis.call('PEXPIRE', key, keep) end
  end
end
`;

/**
 * Notes a process and the schedules that it declares, and removes the schedules of its application that no process declares.
 *
 * `names`: one on each line. Reply: 1 if the process is known now, else 0; then name and application of each schedule that another
 * application with a live process declares.
 */
export const joinScript = defineScript({
  name: 'declare schedules',
  keys: KEYS,
  args: ['application', 'process', 'names', 'keep'],
  numbers: ['keep'],
  flags: [],
  body: `${HELPERS}
local reply, owners = { 0 }, redis.call('HGETALL', apps)
local ownerOf, owns = {}, false
for i = 1, #owners, 2 do
  ownerOf[owners[i]] = owners[i + 1]
  owns = owns or owners[i + 1] == application
end
for other in pairs(forgetDead()) do sweep(other) end
for name in string.gmatch(names, '[^\\n]+') do
  local owner = ownerOf[name]
  if owner and owner ~= application and isLive(owner) then
    reply[#reply + 1] = name
    reply[#reply + 1] = owner
  end
end
if #reply > 1 or names == '' and not owns and not isLive(application) then return reply end
local member = application .. ' ' .. process
redis.call('HSET', declared, member, names)
tell(member, keep)
sweep(application)
return { 1 }
`,
});

/** Notes that a process still runs. Reply: 1, or 0 if it is not known. */
export const signScript = defineScript({
  name: 'declare schedules still',
  keys: KEYS,
  args: ['application', 'process', 'keep'],
  numbers: ['keep'],
  flags: ['allow-oom'],
  body: `${HELPERS}
local member = application .. ' ' .. process
if not redis.call('ZSCORE', processes, member) then return 0 end
tell(member, keep)
for other in pairs(forgetDead()) do sweep(other) end
return 1
`,
});

/** Forgets a process, and removes the schedules that it alone declared. Reply: 1. */
export const leaveScript = defineScript({
  name: 'declare schedules no more',
  keys: KEYS,
  args: ['application', 'process'],
  flags: ['allow-oom'],
  body: `${HELPERS}
local member = application .. ' ' .. process
redis.call('ZREM', processes, member)
redis.call('HDEL', declared, member)
forgetDead()
sweep(application)
return 1
`,
});
