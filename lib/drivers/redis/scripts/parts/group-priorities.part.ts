import { PRIORITY_CLASS } from '../../keys.js';
import { ranksOfGroup } from '../group-state.js';
import { definePart } from '../part.js';
import { PRIORITIES_ALONE } from './traits.part.js';

/** The class of the jobs that come before all others of their group, above the highest priority. */
const FIRST = 1_001;
/** All scores of that class are below this one. */
const BELOW_HIGHEST = -(FIRST - 1) * PRIORITY_CLASS;

/** Lua that tells whether a ready job comes before all others of its group. */
export const COMES_FIRST = `
local function comesFirst(id, name)
  return tonumber(redis.call('ZSCORE', ${ranksOfGroup('name')}, id) or 0) < ${BELOW_HIGHEST}
end
`;

const HELPERS = `
-- Puts a job among those of its group with a priority, or before all others. Returns false if its place is elsewhere.
function grouped.rank(push, id, group, isFirst)
  local value = isFirst and ${FIRST} or priorityOf(id, 0)
  if value == 0 then return false end
  placeByPriority(isFirst and 'LPUSH' or push, id, value, ${ranksOfGroup('group.name')})
  return true
end
`;

/**
 * The places of ready jobs with a priority other than 0 within their groups. They stand in a sorted set of the group, as those without a
 * group stand in that of the queue. The state of a group says how many it has there, so a group without such jobs pays nothing.
 *
 * In an ordered group a job that comes back stands in front of all others, whatever their priorities: in the sorted set, too.
 *
 * It needs a part that knows groups, and one that knows places by priority, before it.
 */
export const groupPriorities = definePart({
  name: 'group priorities',
  keys: ['priority'],
  helpers: HELPERS,
});

/**
 * Claims by priority within each group: those above 0, then the jobs of priority 0, then those below. One of `lowEach` claimed jobs of a group
 * is the oldest one of its lowest priority: see the part `claim by priority`. The count begins anew when the group has no ready
 * job. It needs the part `claim by group` before it.
 */
export const claimGroupPriorities = definePart({
  name: 'claim group priorities',
  unused: PRIORITIES_ALONE,
  keys: ['priority'],
  numbers: ['lowEach'],
  helpers: `if S.hasTraits then${HELPERS}
-- Whether it is the turn of the lowest priority of a group.
function grouped.owesLow(group)
  if lowEach == 0 then return false end
  group.mixed = group.mixed + 1
  if group.mixed < lowEach then return false end
  group.mixed = 0
  return true
end
-- Takes the next job of a group that has some with a priority. Nothing if it has none of them any more, or a job of priority 0 is next.
function grouped.takeRanked(group)
  local key = ${ranksOfGroup('group.name')}
  local id, score = unpack(redis.call('ZRANGE', key, 0, 0, 'WITHSCORES'))
  if not id then
    -- Another program removed the sorted set.
    grouped.waiting, group.ranked = grouped.waiting - group.ranked, 0
    return
  end
  score = tonumber(score)
  local hasPlain = grouped.countOf(group) > group.ranked
  local owesLow = score >= ${BELOW_HIGHEST} and grouped.owesLow(group)
  if owesLow then
    local lowest = -math.floor(redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')[2] / ${PRIORITY_CLASS})
    if hasPlain and lowest > 0 then return end
    id = redis.call('ZRANGE', key, scoreOf(lowest, 0), '+inf', 'BYSCORE', 'LIMIT', 0, 1)[1]
  elseif hasPlain and score >= 0 then
    return
  end
  redis.call('ZREM', key, id)
  grouped.waiting, group.ranked = grouped.waiting - 1, group.ranked - 1
  return id
end
end
`,
});
