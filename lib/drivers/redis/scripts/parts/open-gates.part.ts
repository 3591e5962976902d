import { FLAGS } from '../group-state.js';
import { definePart } from '../part.js';
import { PROMOTED } from './promote.part.js';
import { PRIORITIES_ALONE } from './traits.part.js';

/** About so many groups one poll looks at after the limits have changed. */
const SCANNED = 300;

/** Lets groups in again whose time has come. It needs the part `group limits`, and stands behind the part `promote`. */
export const openGates = definePart({
  name: 'open gates',
  unused: PRIORITIES_ALONE,
  keys: ['gates'],
  body: `
if grouped.blocked > 0 then
  local us = time[1] * 1000000 + time[2]
  local names = redis.call('ZRANGE', gates, '-inf', string.format('%.0f', us), 'BYSCORE', 'LIMIT', 0, ${PROMOTED})
  if bounds.groupPer and #names == 0 and not grouped.areHeld() then
    -- The clock of the server was set back: no window is open for so long.
    names = redis.call('ZRANGE', gates, string.format('(%.0f', us + bounds.groupPer), '+inf', 'BYSCORE', 'LIMIT', 0, ${PROMOTED})
  end
  grouped.read(names)
  for i = 1, #names do grouped.turn(grouped.of(names[i]), ${FLAGS.inRing}) end
  grouped.tell()
end
`,
});

/**
 * After a change of the limits all groups that are full or wait are looked at again, some with each poll. The field `groupLimits` of `meta` has
 * the limits that counted last, `groupScan` how far the polls got. It needs the part `group limits`.
 */
export const scanGroups = definePart({
  name: 'scan groups',
  unused: PRIORITIES_ALONE,
  keys: ['groups', 'meta'],
  meta: { groupLimits: 'text', groupScan: 'text' },
  body: `
if bounds.groupText ~= (S.groupLimits or '') then
  redis.call('HSET', meta, 'groupLimits', bounds.groupText)
  if grouped.sum then S.groupScan = '0' end
end
if S.groupScan and S.hasTraits then
  local nextScan, states = unpack(redis.call('HSCAN', groups, S.groupScan, 'COUNT', ${SCANNED}))
  for i = 1, #states, 2 do
    local flag = string.byte(states[i + 1])
    if states[i] ~= '' and grouped.isBlocked(flag) then
      local group = grouped.of(states[i])
      if grouped.isBlocked(group.flag) and not grouped.isFull(group) then
        grouped.turn(group, ${FLAGS.none})
        grouped.close(group)
      end
    end
  end
  S.groupScan = nextScan ~= '0' and nextScan or nil
  if S.groupScan then redis.call('HSET', meta, 'groupScan', nextScan) else redis.call('HDEL', meta, 'groupScan') end
  grouped.tell()
end
`,
  on: {
    due: `
if S.groupScan and S.hasTraits then due = now end
`,
  },
});
