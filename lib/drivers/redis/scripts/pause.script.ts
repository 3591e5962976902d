import { EXPIRE_META, META_KEPT } from './fragments.js';
import { COUNT_GROUPED } from './group-state.js';
import { defineScript } from './script.js';

/**
 * Pauses a queue. A pause under another id replaces the first one. `answer` tells for a while that the request has arrived: a late
 * copy changes nothing, as the queue may have been resumed since.
 *
 * `pauseId`: chosen by the caller. `milliseconds`: how long it lasts; empty without an end.
 * Reply: the consumers that hold jobs.
 */
export const pauseScript = defineScript({
  name: 'pause',
  keys: ['meta', 'consumers', 'answer'],
  args: ['pauseId', 'milliseconds', 'claimedPrefix', 'answerTtl'],
  flags: ['allow-oom'],
  body: `
local all = redis.call('ZRANGE', consumers, 0, -1)
redis.call('HLEN', meta)
if redis.call('SET', answer, '', 'PX', answerTtl, 'NX') then
  redis.call('HSET', meta, 'paused', pauseId)
  if milliseconds == '' then
    redis.call('HDEL', meta, 'pausedUntil')
    redis.call('PERSIST', meta)
  else
    redis.call('HSET', meta, 'pausedUntil', string.format('%.0f', now + milliseconds))
    local held = redis.call('HMGET', meta, 'heldUntil', 'groupsHeldUntil')
    local longest = math.max(tonumber(held[1] or 0), tonumber(held[2] or 0)) - now
    redis.call('PEXPIRE', meta, string.format('%.0f', math.max(milliseconds, longest) + ${META_KEPT}))
  end
end
local holders = {}
for _, consumer in ipairs(all) do
  if redis.call('HLEN', claimedPrefix .. consumer) > 0 then holders[#holders + 1] = consumer end
end
return holders
`,
});

/**
 * Ends a pause, and sets the marker if jobs wait, so that a waiting consumer looks at them. A late copy does not end a pause that began
 * since: see {@link pauseScript}.
 *
 * Reply: 1 if the queue was paused, else 0.
 */
export const resumeScript = scriptThatEnds('resume', ['paused', 'pausedUntil'], {
  isOn: `local isOn = values[1] and tonumber(values[2] or now + 1) > now`,
});

/** Ends the holds of a queue and of its groups, as {@link resumeScript} ends a pause. The next polls look at the groups again. */
export const endHoldScript = scriptThatEnds('end-hold', ['heldUntil', 'groupsHeldUntil'], {
  isOn: `local isOn = math.max(tonumber(values[1] or 0), tonumber(values[2] or 0)) > now`,
  more: `if tonumber(values[2] or 0) > now then
    redis.call('UNLINK', holds)
    redis.call('HSET', meta, 'groupScan', '0')
  end`,
});

/**
 * @param fields those of `meta` that it removes
 * @param isOn Lua that finds out from their `values` if there is anything to end
 * @param more Lua that removes more
 */
function scriptThatEnds(name: string, fields: readonly string[], { isOn, more = '' }: { isOn: string; more?: string }) {
  const names = fields.map((field) => `'${field}'`).join(', ');
  return defineScript({
    name,
    keys: ['meta', 'marker', 'ready', 'priority', 'groups', 'holds', 'recovered', 'answer'],
    args: ['answerTtl'],
    flags: ['allow-oom'],
    body: `${COUNT_GROUPED}
redis.call('ZCARD', marker)
local waiting = redis.call('LLEN', ready) + redis.call('ZCARD', priority) + countGrouped() + redis.call('LLEN', recovered)
local values = redis.call('HMGET', meta, ${names})
local known = redis.call('GET', answer)
if known then return tonumber(known) end
${isOn}
redis.call('SET', answer, isOn and 1 or 0, 'PX', answerTtl)
if redis.call('HDEL', meta, ${names}) > 0 then
  ${more}
  ${EXPIRE_META}
  if waiting > 0 then redis.call('ZADD', marker, 0, '0') end
end
return isOn and 1 or 0
`,
  });
}

/**
 * Reads a pause.
 *
 * rest: consumers.
 * Reply: the id of the pause (empty without one), its end in milliseconds (-1 without one), and those of the given
 * consumers that hold jobs and do not obey it yet.
 */
export const pauseStateScript = defineScript({
  name: 'pause-state',
  keys: ['meta', 'consumers'],
  args: ['claimedPrefix', 'pollsPrefix'],
  flags: ['no-writes', 'allow-oom'],
  body: `
local paused, ends = unpack(redis.call('HMGET', meta, 'paused', 'pausedUntil'))
if not paused or ends and tonumber(ends) <= now then return { '', -1, {} } end
local late = {}
for i = rest, #ARGV do
  local consumer = ARGV[i]
  local holds = redis.call('ZSCORE', consumers, consumer) and redis.call('HLEN', claimedPrefix .. consumer) > 0
  if holds and redis.call('HGET', pollsPrefix .. consumer, 'obeyed') ~= paused then late[#late + 1] = consumer end
end
return { paused, tonumber(ends or -1), late }
`,
});
