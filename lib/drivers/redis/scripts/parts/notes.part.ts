import { hook } from '../hooks.js';
import { definePart, type Unused } from '../part.js';

/** No job of the queue has told anything, nor does one with this poll. */
export const NO_NOTES: Unused = { meta: { notes: 'text' }, when: `S.notes == '0' and not S.told` };

/**
 * The notes of live jobs: what a job told while it ran. `notes` lists the jobs that have any; the parts of the features keep the
 * values. It has the fence and the number of the last note of a job, so that a late copy of an earlier note changes nothing.
 *
 * The field `notes` of `meta` says if a job of this queue may be in the list. If `meta` has expired meanwhile, the length of the
 * list decides. So a queue without notes sends no further command.
 */
export const notes = definePart({
  name: 'notes',
  unused: NO_NOTES,
  keys: ['notes', 'meta'],
  meta: { notes: 'text' },
  reads: `
if S.notes then
  S.hasNotes = S.notes == '1'
else
  S.hasNotes = redis.call('HLEN', notes) > 0
end
`,
  helpers: `
-- Takes what these jobs told, if they told anything.
local function takeNotes(ids)
  local telling = {}
  for i = 1, #ids do
    if S.told[ids[i]] then telling[#telling + 1] = ids[i] end
  end
  if #telling == 0 then return end
  S.hasNotes = true
  ${hook('noted', 'telling')}
end
`,
});

/** Takes what a job tells with its settlement. Forgets the notes of jobs that have ended. */
export const settleNotes = definePart({
  name: 'settle notes',
  unused: NO_NOTES,
  keys: ['notes', 'meta'],
  on: {
    freed: `
if S.told then takeNotes(ids) end
`,
    noted: `
for i = 1, #ids do redis.call('HSETNX', notes, ids[i], '0 0') end
`,
    ended: `
if S.hasNotes then redis.call('HDEL', notes, unpack(ids)) end
`,
    dangling: `
if S.hasNotes then redis.call('HDEL', notes, unpack(ids)) end
`,
  },
  body: `
if S.hasNotes and redis.call('HLEN', notes) == 0 then S.hasNotes = false end
local mark = S.hasNotes and '1' or '0'
if S.notes ~= mark then redis.call('HSET', meta, 'notes', mark) end
`,
});

/** Forgets the notes of dropped jobs. */
export const dropNotes = definePart({
  name: 'drop notes',
  keys: ['notes'],
  reads: `
S.hasNotes = redis.call('HLEN', notes) > 0
`,
  on: {
    dropped: `
if S.hasNotes then redis.call('HDEL', notes, unpack(ids)) end
`,
  },
});

/**
 * Takes a note of a job that the consumer holds under this fence. A note that arrives again, or after a later one, changes
 * nothing.
 */
export const takeNote = definePart({
  name: 'take note',
  keys: ['claimed', 'notes', 'meta'],
  args: ['id', 'fence'],
  numbers: ['number'],
  reads: `
S.isHeld = redis.call('HGET', claimed, id) == fence
local lastFence, last = string.match(redis.call('HGET', notes, id) or '', '^(%d+) (%d+)$')
S.isNew = lastFence ~= fence or tonumber(last) < number
`,
  body: `
if S.isHeld and S.isNew then
  redis.call('HSET', notes, id, fence .. ' ' .. number)
  if S.notes ~= '1' then redis.call('HSET', meta, 'notes', '1') end
  takeNotes({ id })
end
`,
});
