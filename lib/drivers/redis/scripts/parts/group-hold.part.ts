import { META_KEPT } from '../fragments.js';
import { FLAGS, GROUP_OF } from '../group-state.js';
import { definePart } from '../part.js';
import { PRIORITIES_ALONE } from './traits.part.js';

/** The details of a settlement that holds the group of its job back for as long as the job waits. */
export const HOLDS_GROUP = 'g';

/**
 * Holds groups back: a group gives no job before its time, as a group whose window is full. The sorted set `holds` has the groups that
 * are held back, the field `groupsHeldUntil` of `meta` the last end of them all, in milliseconds: so a queue without such a group sends no
 * further command. Of two holds of a group the one that ends later counts.
 *
 * It needs the part `groups` before it, and the part `group limits`, which asks it for each group.
 */
export const groupHold = definePart({
  name: 'group hold',
  unused: PRIORITIES_ALONE,
  keys: ['holds', 'meta'],
  meta: { groupsHeldUntil: 'number' },
  reads: `
if S.groupsHeldUntil then redis.call('ZCARD', holds) end
`,
  helpers: `
if S.hasTraits then
function grouped.areHeld()
  return (S.groupsHeldUntil or 0) > now
end
-- Until when a group is held back, in milliseconds; nothing if it is not.
function grouped.closedUntil(group)
  if not grouped.areHeld() then return end
  group.closedUntil = group.closedUntil or tonumber(redis.call('ZSCORE', holds, group.name) or 0)
  return group.closedUntil > now and group.closedUntil or nil
end
function grouped.closeUntil(group, ends)
  if ends <= (grouped.closedUntil(group) or now) then return end
  group.closedUntil = ends
  redis.call('ZREMRANGEBYSCORE', holds, '-inf', now)
  redis.call('ZADD', holds, string.format('%.0f', ends), group.name)
  S.groupsHeldUntil = math.max(S.groupsHeldUntil or 0, ends)
  redis.call('HSET', meta, 'groupsHeldUntil', string.format('%.0f', S.groupsHeldUntil))
  redis.call('PEXPIRE', holds, string.format('%.0f', S.groupsHeldUntil - now + ${META_KEPT}))
  if group.flag == ${FLAGS.inRing} or group.flag == ${FLAGS.gated} then
    grouped.turn(group, ${FLAGS.none})
    grouped.close(group)
    grouped.tell()
  end
end
end
`,
  body: `
if S.groupsHeldUntil and S.groupsHeldUntil <= now then
  redis.call('UNLINK', holds)
  redis.call('HDEL', meta, 'groupsHeldUntil')
  S.groupsHeldUntil = nil
end
`,
  on: {
    settled: `
local name = kind == 'back' and details == '${HOLDS_GROUP}' and S.hasTraits and traitOf(id, '${GROUP_OF}')
if name then grouped.closeUntil(grouped.of(name), now + number) end
`,
  },
});
