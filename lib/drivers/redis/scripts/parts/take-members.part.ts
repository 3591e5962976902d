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
local isThere, statusNames = {}, {}
for i = rest + answered, #ARGV, S.stride do statusNames[#statusNames + 1] = statusPrefix .. ARGV[i] end
local anyStatus = redis.call('EXISTS', unpack(statusNames)) > 0
for i = rest + answered, #ARGV, S.stride do
  if redis.call('HEXISTS', jobs, ARGV[i]) == 1 or anyStatus and redis.call('EXISTS', statusPrefix .. ARGV[i]) == 1 then isThere[i] = true end
end
`,
  body: `
if now > validUntil then return ${TOO_LATE} end
`,
  on: {
    admitNew: `
if isThere[i] then
  S.skips = true
  noteDuplicate(i, id)
end
`,
  },
});
