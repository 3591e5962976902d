import { GROUP } from '../../keys.js';
import { FLAGS } from '../group-state.js';
import { POP_GROUPED } from '../group-table.js';
import { definePart } from '../part.js';
import { PRIORITIES_ALONE } from './traits.part.js';

/** The most groups that a poll looks at beyond its claim: those with stale elements in the ring, and those that may start no job. */
const PASSED = 300;

/**
 * Claims by group: one job of each group in turn. Jobs without a group are the other side: while both sides have jobs that may start, each
 * gets half of a claim, and the odd place in turn. It needs the parts `groups`, `group limits` and `skip stale elements` before it, and
 * stands before other parts that claim ready jobs.
 *
 * The field `sides` of `meta` counts the jobs that were claimed while both sides had some.
 */
export const claimByGroup = definePart({
  name: 'claim by group',
  unused: PRIORITIES_ALONE,
  keys: ['ring', 'meta'],
  meta: { sides: 'number' },
  helpers: `if S.hasTraits then${POP_GROUPED}
-- Takes the next job of a group that has one. \`takeRanked\` is that of the part \`claim group priorities\`.
function grouped.takeNext(group)
  local id = group.ranked > 0 and grouped.takeRanked(group)
  if id then return id end
  id = group.head
  if id == '' or group.stale > 0 then
    id = grouped.pop(group, 1)[1]
    grouped.endEmpty(group)
    return id
  end
  group.head = ''
  if group.behind > 0 then
    local nextId = redis.call('LPOP', ready .. '${GROUP}' .. group.name)
    if nextId then
      group.head, group.behind = nextId, group.behind - 1
    else
      -- Another program removed the list.
      grouped.waiting, group.behind = grouped.waiting - group.behind, 0
    end
  end
  grouped.waiting = grouped.waiting - 1
  return id
end
function grouped.takeMany(group, count)
  if group.ranked == 0 then return grouped.pop(group, count) end
  local ids = {}
  for i = 1, count do ids[i] = grouped.takeNext(group) end
  return ids
end
-- Gives jobs of groups that may start further ones to the places that are left, one of each group in turn. Puts the other groups back.
function grouped.serveAgain(more, want, taken)
  local turns, at = {}, 1
  while #turns < want and more[at] do
    local group = more[at]
    if not group.turns then group.turns, group.room = 0, grouped.roomOf(group, grouped.countOf(group)) end
    if group.room > 0 then
      group.turns = group.turns + 1
      turns[#turns + 1] = group
    end
    if group.turns < group.room then more[#more + 1] = group else grouped.served[#grouped.served + 1] = group end
    at = at + 1
  end
  for i = at, #more do grouped.turn(more[i], ${FLAGS.inRing}) end
  for i = 1, #turns do
    local group = turns[i]
    if group.turns then
      group.popped, group.next = grouped.takeMany(group, group.turns), 0
      group.turns, group.starting = nil, group.starting + #group.popped
      grouped.endEmpty(group)
    end
    group.next = group.next + 1
    local id = group.popped[group.next]
    if id then
      taken[#taken + 1] = id
      grouped.groupOf[id] = group
    end
  end
end
-- Serves the groups in turn, and puts those back that may go on.
function grouped.serve(want, taken)
  grouped.writeOrder()
  local known, groupOf, served = grouped.known, grouped.groupOf, grouped.served
  local more, looked, count = {}, 0, 0
  local isPlain, places = grouped.hasPlainLimits()
  local takeNext, took = grouped.takeNext, #taken
  while count < want and looked < want + ${PASSED} do
    local names = redis.call('LPOP', ring, want - count)
    if not names then
      grouped.serveAgain(more, want - count, taken)
      more = {}
      break
    end
    looked = looked + #names
    grouped.read(names)
    for i = 1, #names do
      local group = known[names[i]]
      if not group.isChanged then grouped.change(group) end
      if group.passed > 0 then
        group.passed = group.passed - 1
      elseif group.flag == ${FLAGS.inRing} then
        group.flag = ${FLAGS.none}
        local room = group.ranked + group.behind + (group.head == '' and 0 or 1)
        if room > 2 then room = 2 end
        if isPlain and places then
          local left = places - (group.runs or grouped.runsOf(group)) - group.starting
          if left < room then room = left end
        elseif not isPlain then
          room = grouped.roomOf(group, room)
        end
        local id = room > 0 and takeNext(group)
        if id then
          count, took, group.starting = count + 1, took + 1, group.starting + 1
          taken[took] = id
          groupOf[id] = group
        end
        if id and room > 1 then more[#more + 1] = group else served[#served + 1] = group end
      end
    end
  end
  for i = 1, #more do grouped.turn(more[i], ${FLAGS.inRing}) end
  grouped.tell()
end
end
`,
  on: {
    source: `
S.beforeSides = #taken
if grouped.waiting > grouped.blocked and S.limit > #taken then
  local want = S.limit - #taken
  S.hasSides = S.depth + S.byPriority > 0
  if S.hasSides then want = math.floor(((S.sides or 0) % 2 + want) / 2) end
  grouped.serve(want, taken)
end
`,
    claimed: `
if S.hasSides then redis.call('HSET', meta, 'sides', string.format('%.0f', (S.sides or 0) + #ids - S.beforeSides)) end
`,
    answering: `
if grouped.waiting > 0 then S.isRanked = true end
`,
  },
});

/** Fills the places of a claim that other jobs left. It stands behind all parts that claim ready jobs. */
export const fillByGroup = definePart({
  name: 'fill by group',
  unused: PRIORITIES_ALONE,
  on: {
    lastSource: `
if S.hasSides and S.limit > #taken then
  local before = #taken
  grouped.serve(S.limit - before, taken)
  S.beforeMix = S.beforeMix + #taken - before
end
`,
  },
});
