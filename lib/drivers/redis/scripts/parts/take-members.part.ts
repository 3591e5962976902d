import { definePart } from '../part.js';

/** The reply to a push that comes later than it may. */
export const TOO_LATE = -2;

/**
 * Admits members of flows, whose ids were known before: a job that is here, or whose status is kept, is a duplicate. A push that comes too
 * late stores nothing: a process that stood still may send it when its job has long been forgotten. It needs the part `exceptions`
 * before it.
 *
 * `validUntil`: milliseconds.
 */
export const takeMembers = definePart({
  name: 'take members',
  keys: ['jobs', 'delayed'],
  args: ['statusPrefix'],
  numbers: ['validUntil'],
  reads: `
redis.call('HLEN', jobs)
local isThere, wanted, statusNames = {}, {}, {}
for i = rest + answered, #ARGV, S.stride do
  local at = #wanted + 1
  wanted[at], statusNames[at] = ARGV[i], statusPrefix .. ARGV[i]
end
-- One command for all: nearly none of them is there.
local there, anyStatus = redis.call('HMGET', jobs, unpack(wanted)), redis.call('EXISTS', unpack(statusNames)) > 0
for at = 1, #wanted do
  if there[at] or anyStatus and redis.call('EXISTS', statusNames[at]) == 1 then isThere[wanted[at]] = true end
end
`,
  body: `
if now > validUntil then return ${TOO_LATE} end
`,
  on: {
    admitNew: `
if isThere[id] then
  S.skips = true
  noteDuplicate(i, id)
end
`,
  },
});
