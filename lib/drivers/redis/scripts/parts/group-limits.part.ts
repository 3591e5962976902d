import { GROUP } from '../../keys.js';
import { FLAGS, GROUP_OF } from '../group-state.js';
import { definePart } from '../part.js';
import { PRIORITIES_ALONE } from './traits.part.js';
import { HAS_STARTED } from './limits.part.js';

/** The most recovered jobs among which a poll looks for one whose group may start a job. */
const LOOKED_AT = 100;

/**
 * The limits of each group, and the groups that may start no job because of them. `bounds` of the part `limits` has the limits that count.
 *
 * - A group as many of whose jobs run as may is full: the script that takes one of them out of the claimed jobs lets it go on.
 * - While a job of an ordered group waits for its next attempt, after a release or for its recovery, it holds its group back. Then it comes
 *   back to the front.
 * - A group that waits for its window is let in again by the first poll after its time, as due jobs are.
 * - A recovered job is claimed in front of all others, and counts for the limits of its group; if those do not allow it, the next one
 *   is claimed.
 *
 * It needs the part `groups` before it. The functions read `bounds` when they are called.
 */
export const groupLimits = definePart({
  name: 'group limits',
  unused: PRIORITIES_ALONE,
  keys: ['gates', 'starts', 'windows', 'recovered', 'goneRecovered'],
  helpers: `
if S.hasTraits then
grouped.isOrdered = bounds.ordered
function grouped.runsOf(group)
  if not group.runs then
    local _, count = string.gsub(group.running, ' ', ' ')
    group.runs = count
  end
  return group.runs
end
function grouped.startsOf(group)
  return starts .. '${GROUP}' .. group.name
end
function grouped.isFull(group)
  local places = bounds.groupPlaces
  return places and (group.runs or grouped.runsOf(group)) + group.starting >= places
end
-- Returns how many jobs a group may start, at most so many; if none because of the time, also when, in milliseconds.
function grouped.roomOf(group, want)
  local held = grouped.closedUntil(group)
  if held then return 0, held end
  local places, starting = bounds.groupPlaces, group.starting
  if places then want = math.max(0, math.min(want, places - (group.runs or grouped.runsOf(group)) - starting)) end
  if want == 0 or not bounds.groupMost then return want end
  local free, opensAt = window.free(grouped.startsOf(group), bounds.groupMost, bounds.groupPer, want + starting)
  return math.max(0, free - starting), opensAt
end
-- Finds out what becomes of a group that is in no place.
function grouped.close(group)
  if grouped.isFull(group) then return grouped.turn(group, ${FLAGS.full}) end
  if bounds.ordered and group.holders ~= '' then return grouped.turn(group, ${FLAGS.held}) end
  if grouped.countOf(group) == 0 then return grouped.turn(group, ${FLAGS.none}) end
  local isFree, room, opensAt = not bounds.groupMost and not grouped.areHeld(), 1, nil
  if not isFree then room, opensAt = grouped.roomOf(group, 1) end
  if room > 0 then return grouped.turn(group, ${FLAGS.inRing}) end
  grouped.turn(group, ${FLAGS.gated})
  redis.call('ZADD', gates, string.format('%.0f', opensAt * 1000), group.name)
end
-- Whether at most a concurrency limits groups, and that: the most common case has short ways.
function grouped.hasPlainLimits()
  return not bounds.groupMost and not bounds.ordered and not grouped.areHeld(), bounds.groupPlaces
end
-- Forgets claimed jobs, and lets full groups go on.
function grouped.release(ids)
  local names, owners, count, known, match = {}, {}, 0, grouped.known, string.match
  for i = 1, #ids do
    local text = traitTexts[ids[i]]
    local name = text and match(text, '${GROUP_OF}')
    if name then
      count = count + 1
      names[count], owners[count] = name, ids[i]
    end
  end
  grouped.read(names)
  local isPlain, places = grouped.hasPlainLimits()
  local cut, entering, hasReleased = grouped.cut, grouped.entering, false
  for i = 1, count do
    local group = known[names[i]]
    if cut(group, owners[i]) then
      hasReleased = true
      if group.flag == ${FLAGS.full} then
        if isPlain and group.starting == 0 and (not places or (group.runs or grouped.runsOf(group)) < places) then
          local waits = group.ranked + group.behind + (group.head == '' and 0 or 1)
          if waits > 0 then
            group.flag, grouped.blocked = ${FLAGS.inRing}, grouped.blocked - waits
            entering[#entering + 1] = group.name
          else
            group.flag = ${FLAGS.none}
          end
        elseif not grouped.isFull(group) then
          grouped.close(group)
        end
      end
    end
  end
  if hasReleased then grouped.hasReleased = true end
end
-- A job that was claimed waits elsewhere.
function grouped.holdBack(id)
  local name = bounds.ordered and traitOf(id, '${GROUP_OF}')
  if name then grouped.hold(grouped.of(name), id) end
end
-- A recovered job of a group starts: perhaps the group may start no further one. When its window opens is found out after the start.
function grouped.startBeside(group)
  group.starting, grouped.beside = 1, group
  if grouped.isFull(group) then
    grouped.turn(group, ${FLAGS.full})
  elseif group.flag == ${FLAGS.inRing} and grouped.roomOf(group, 1) == 0 then
    grouped.turn(group, ${FLAGS.gated})
  end
  grouped.tell()
end
-- Whether no other job holds the group of a recovered one.
function grouped.mayRecover(group, id)
  local isHeld = bounds.ordered and group.holders ~= ''
  return not isHeld or string.find(' ' .. group.holders, ' ' .. id .. ' ', 1, true) ~= nil
end
-- Returns the first recovered job that may start; if there is none, perhaps when, in milliseconds.
function grouped.findRecovered()
  local ids = redis.call('LRANGE', recovered, 0, ${LOOKED_AT - 1})
  if #ids == 0 then return end
  readTraits(ids)
  local counts, left, opens = S.hasGone and redis.call('HMGET', goneRecovered, unpack(ids)) or {}, {}, nil
  for i = 1, #ids do
    local id = ids[i]
    left[id] = left[id] or tonumber(counts[i] or 0)
    if left[id] > 0 then
      left[id] = left[id] - 1
    else
      local name = traitOf(id, '${GROUP_OF}')
      if not name then return id end
      local group = grouped.of(name)
      local room, opensAt = grouped.roomOf(group, 1)
      if not grouped.mayRecover(group, id) then room, opensAt = 0, nil end
      if room > 0 then return id, nil, group end
      opens = math.min(opens or math.huge, opensAt or math.huge)
    end
  end
  return nil, opens
end
function grouped.lookForRecovered()
  if not (bounds.limitsGroups or grouped.areHeld()) or (S.recoveredDepth or 0) == 0 then return end
  local id, opens = grouped.findRecovered()
  S.isPassedOver, grouped.recoveredOpens = not id, opens
end
end
`,
  on: {
    freed: `
if grouped.running > 0 then
  grouped.release(ids)
  grouped.tell()
end
`,
    settled: `
if bounds.groupMost and S.hasTraits and not (${HAS_STARTED}) then
  local name = traitOf(id, '${GROUP_OF}')
  if name then
    local group = grouped.of(name)
    window.giveBack(grouped.startsOf(group), tonumber(fence))
    if group.flag == ${FLAGS.gated} then
      grouped.turn(group, ${FLAGS.inRing})
      grouped.tell()
    end
  end
end
`,
    turn: `
local name = bounds.ordered and S.hasTraits and traitOf(id, '${GROUP_OF}')
if name then
  -- It comes back to the front of its group, whatever it waits for.
  if delay > 0 or crashes > 0 then grouped.holdBack(id) else push = 'LPUSH' end
  grouped.tell()
end
`,
    dangling: `
if grouped.held > 0 then
  for i = 1, #ids do
    local name = traitOf(ids[i], '${GROUP_OF}')
    local group = name and grouped.of(name)
    if group and grouped.unhold(group, ids[i]) then grouped.served[#grouped.served + 1] = group end
  end
end
`,
    claimed: `
if S.hasTraits then
  -- The first one may be a recovered job.
  local first = S.beforeSides > 0 and traitOf(ids[1], '${GROUP_OF}')
  if first then
    grouped.groupOf[ids[1]] = grouped.of(first)
    grouped.unhold(grouped.of(first), ids[1])
  end
  local groupOf, counts, counted, areCounted, claimed = grouped.groupOf, {}, {}, bounds.groupMost, 0
  for i = 1, #ids do
    local id = ids[i]
    local group = groupOf[id]
    if group then
      group.running, group.starting = group.running .. id .. ' ', 0
      if group.runs then group.runs = group.runs + 1 end
      claimed = claimed + 1
      if areCounted then
        if not counts[group] then counted[#counted + 1] = group end
        counts[group] = (counts[group] or 0) + 1
      end
      if not group.isChanged then grouped.change(group) end
    end
  end
  grouped.running = grouped.running + claimed
  if bounds.groupMost then
    local kept, entries = window.keptFor(bounds.groupPer), {}
    local expires = string.format('%.0f', now + kept)
    for i = 1, #counted do
      local group = counted[i]
      window.note(grouped.startsOf(group), bounds.groupPer, S.first, #ids, counts[group])
      entries[2 * i - 1], entries[2 * i] = expires, group.name
    end
    if #entries > 0 then
      -- Who removes the queue finds their keys.
      redis.call('ZADD', windows, unpack(entries))
      redis.call('ZREMRANGEBYSCORE', windows, '-inf', now)
      if redis.call('PTTL', windows) < kept then redis.call('PEXPIRE', windows, string.format('%.0f', kept)) end
    end
  end
end
`,
    waking: `
if S.hasTraits then grouped.lookForRecovered() end
-- A release may have let a recovered job start that this consumer may not take.
if grouped.hasReleased and S.isPassedOver == false then wakes = true end
`,
    answering: `
if S.hasTraits and S.isPassedOver == nil then grouped.lookForRecovered() end
S.isHeldBack = not S.isPaused and (grouped.blocked > 0 or S.isPassedOver)
`,
    due: `
if grouped.blocked > 0 then
  local opens = redis.call('ZRANGE', gates, 0, 0, 'WITHSCORES')[2]
  if opens then due = math.min(due, tonumber(opens) / 1000) end
end
if grouped.recoveredOpens and not S.isBlocked then due = math.min(due, grouped.recoveredOpens) end
`,
  },
});

/** What the limits of groups mean for recovered jobs. It needs the parts `group limits` and `recover`. */
export const groupRecoveries = definePart({
  name: 'group recoveries',
  unused: PRIORITIES_ALONE,
  on: {
    recovered: `
if grouped.running > 0 then
  readTraits(ids)
  grouped.release(ids)
  for i = 1, #ids do grouped.holdBack(ids[i]) end
  grouped.tell()
end
`,
    chooseRecovered: `
if S.hasTraits and (bounds.limitsGroups or grouped.areHeld()) then
  local id, _, group = grouped.findRecovered()
  chosen = id or false
  if group then grouped.startBeside(group) end
end
`,
  },
});

/** Writes the groups at the end of a poll. */
export const writeGroups = definePart({
  name: 'write groups',
  unused: PRIORITIES_ALONE,
  body: `
if S.hasTraits then
  local group = grouped.beside
  if group then
    group.starting = 0
    if group.flag == ${FLAGS.gated} or group.flag == ${FLAGS.full} and not grouped.isFull(group) then
      grouped.turn(group, ${FLAGS.none})
      grouped.close(group)
    end
  end
  local served, entering, isPlain, places = grouped.served, grouped.entering, grouped.hasPlainLimits()
  for i = 1, #served do
    local group = served[i]
    local flag = group.flag
    group.starting = 0
    if isPlain and flag == ${FLAGS.none} then
      local waits = group.ranked + group.behind + (group.head == '' and 0 or 1)
      if places and (group.runs or grouped.runsOf(group)) >= places then
        group.flag, grouped.blocked = ${FLAGS.full}, grouped.blocked + waits
      elseif waits > 0 then
        group.flag = ${FLAGS.inRing}
        entering[#entering + 1] = group.name
      end
      if not group.isChanged then grouped.change(group) end
    elseif flag == ${FLAGS.none} or flag == ${FLAGS.held} then
      grouped.turn(group, ${FLAGS.none})
      grouped.close(group)
    end
  end
  grouped.tell()
  grouped.write()
end
`,
});
