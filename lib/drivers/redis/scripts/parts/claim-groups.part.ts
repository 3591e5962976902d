import { FLAGS } from '../group-state.js';
import { POP_GROUPED } from '../group-table.js';
import { definePart } from '../part.js';

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
  keys: ['ring', 'meta'],
  meta: { sides: 'number' },
  helpers: `if S.hasTraits then${POP_GROUPED}
-- Serves the groups in turn, and puts those back that may go on.
function grouped.serve(want, taken)
  grouped.writeOrder()
  local turns, more, looked, isWhole = {}, {}, 0, false
  local function serve(group)
    group.turns = group.turns + 1
    turns[#turns + 1] = group
    if group.turns < group.most then
      more[#more + 1] = group
    else
      grouped.served[#grouped.served + 1] = group
    end
  end
  while #turns < want and looked < want + ${PASSED} do
    local names = redis.call('LPOP', ring, want - #turns)
    isWhole = not names
    if isWhole then break end
    looked = looked + #names
    grouped.read(names)
    for i = 1, #names do
      local group = grouped.known[names[i]]
      grouped.change(group)
      if group.passed > 0 then
        group.passed = group.passed - 1
      elseif group.flag == '${FLAGS.inRing}' then
        group.flag, group.turns = '${FLAGS.none}', 0
        group.most = grouped.roomOf(group, grouped.countOf(group))
        if group.most > 0 then serve(group) else grouped.served[#grouped.served + 1] = group end
      end
    end
  end
  local at = 1
  while isWhole and #turns < want and more[at] do
    serve(more[at])
    at = at + 1
  end
  for i = 1, #turns do
    local group = turns[i]
    if group.turns > 0 then
      group.popped, group.next = grouped.pop(group, group.turns), 0
      group.turns, group.starting = 0, group.starting + #group.popped
      grouped.endEmpty(group)
    end
    group.next = group.next + 1
    local id = group.popped[group.next]
    if id then
      taken[#taken + 1] = id
      grouped.groupOf[id] = group
    end
  end
  for i = at, #more do grouped.turn(more[i], '${FLAGS.inRing}') end
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
