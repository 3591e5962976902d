import { MAY_HAVE, TRAIT } from '../../trait-codec.js';
import { GROUP_OF } from '../group-state.js';
import { definePart } from '../part.js';
import { COMES_FIRST } from './group-priorities.part.js';
import { PRIORITY } from './priority.part.js';
import { PUT_TRAITS } from './traits.part.js';
import { ENQUEUE } from './waiting.part.js';

/**
 * Gives a waiting job another priority: in its record, in its traits, and by its place if it is ready. It goes to the end of its new
 * priority then, as one whose push is replaced does; a job that comes before all others of its group stays there. It needs the parts
 * `answer`, `take waiting jobs`, `take by group` and `move by priority` before it.
 *
 * As everywhere a job that is ready, and has a priority and no other trait, needs no text: its place and its record tell the priority.
 */
export const setPriority = definePart({
  name: 'set priority',
  keys: ['ready', 'jobs', 'traits', 'priority'],
  args: ['id'],
  numbers: ['value'],
  helpers: `${ENQUEUE}${PUT_TRAITS}${COMES_FIRST}
-- Puts the priority into the header line of a record. A text that is no record stays.
local function withPriority(record)
  local stop = string.find(record, '\\n', 1, true)
  if not stop or not string.find(record, '^%d*[hi]') then return record end
  local header = string.gsub(string.sub(record, 1, stop - 1), ',?"p":%-?%d+', '', 1)
  header = string.gsub(string.gsub(header, '\\t{,', '\\t{', 1), '\\t{}$', '')
  if value ~= 0 then
    local hasOptions = string.find(header, '\\t', 1, true)
    header = (hasOptions and string.sub(header, 1, -2) .. ',' or header .. '\\t{') .. string.format('"p":%d}', value)
  end
  return header .. string.sub(record, stop)
end
-- Writes the traits of a job with its priority.
local function changeTraits(place)
  local text = traitTexts[id] or ''
  local others = string.gsub(text, '${PRIORITY}', '')
  local changed = value == 0 and others or others .. string.format('\\n${TRAIT.priority}%d', value)
  if changed ~= '' and (others ~= '' or place == 'delayed') then
    putTraits({ id, changed }, '${MAY_HAVE.anything}')
    S.hasTraits, traitTexts[id] = true, changed
  elseif text ~= '' then
    redis.call('HDEL', traits, id)
    traitTexts[id] = false
  end
end
-- Takes a ready job out of its place. Its group keeps its turn.
local function leave(group)
  if group then grouped.take(id, group, true) else takeReady(id) end
end
`,
  body: `
local place = placeOf(id)
if place then
  S.result = 1
  if priorityOf(id, 0) ~= value then
    local group = traitOf(id, '${GROUP_OF}')
    local moves = place == 'ready' and not (group and comesFirst(id, group))
    if moves then leave(group) end
    redis.call('HSET', jobs, id, withPriority(redis.call('HGET', jobs, id)))
    changeTraits(place)
    if moves then enqueue('RPUSH', id, 0) end
  end
end
`,
});
