import { isOfMember, isPriorityAlone, MAY_HAVE } from '../../trait-codec.js';
import { EXPIRE_META, fillTable } from '../fragments.js';
import { definePart, type Unused } from '../part.js';

/**
 * Lua that knows the traits of jobs: what the scripts have to know of a job beyond its place. Lua does not read records, so each job that
 * has any has a text in the hash `traits`; whichever script moves the job reads it there. It stays as long as the job may run: a
 * failed job has it until its record is removed. A job that has a priority alone has a text only once it has waited for a time: see the part
 * `priorities`.
 *
 * The text has a line for each trait, in any order: a line feed, a letter, the value. {@link TRAIT} names the letters.
 *
 * `readTraits(ids)` reads those of many jobs with one command, and sets `traitTexts[true]` if any of them is a member of a flow, or a job of a schedule: ids are texts; `traitOf(id, pattern)` returns one of them, or nothing.
 */
const HELPERS = `
-- The texts that were read, by id; false for a job without traits.
local traitTexts = {}
local function readTraits(ids)
  if not S.hasTraits then return end
  local wanted = {}
  for i = 1, #ids do
    if traitTexts[ids[i]] == nil then wanted[#wanted + 1] = ids[i] end
  end
  if #wanted == 0 then return end
  local texts = redis.call('HMGET', traits, unpack(wanted))
  local byte = string.byte
  for i = 1, #wanted do
    local text = texts[i]
    traitTexts[wanted[i]] = text
    local kind = text and byte(text, 2)
    if kind and not traitTexts[true] and ${isOfMember('text', 'kind')} then traitTexts[true] = true end
  end
end
local function traitOf(id, pattern)
  if not S.hasTraits then return nil end
  if traitTexts[id] == nil then readTraits({ id }) end
  local text = traitTexts[id]
  return text and string.match(text, pattern) or nil
end
local function forgetTraits(ids)
  if S.hasTraits then redis.call('HDEL', traits, unpack(ids)) end
end
`;

/** No job of the queue has traits. */
export const NO_TRAITS: Unused = { meta: { traits: 'text' }, when: `S.traits == '${MAY_HAVE.nothing}'` };

/** No job of the queue has traits but a priority. */
export const PRIORITIES_ALONE: Unused = {
  meta: { traits: 'text' },
  when: `S.traits == '${MAY_HAVE.nothing}' or S.traits == '${MAY_HAVE.priority}'`,
};

/** Lua that finds out which traits jobs may have if `meta` does not say it, before the script has written any. */
export const FIND_TRAITS = `
if not S.traits then
  local hasPriorities = redis.call('ZCARD', priority) > 0 and '${MAY_HAVE.priority}' or '${MAY_HAVE.nothing}'
  S.traits = redis.call('HLEN', traits) > 0 and '${MAY_HAVE.anything}' or hasPriorities
end
`;

/** Lua: what the field `traits` says from now on, since jobs have a priority. */
export const WITH_PRIORITY = `S.traits == '${MAY_HAVE.anything}' and S.traits or '${MAY_HAVE.priority}'`;

/**
 * Knows the traits of jobs in a poll.
 *
 * The field `traits` of `meta` says if a job of this queue may have any, or at most a priority: see {@link MAY_HAVE}. If `meta` has expired meanwhile,
 * the keys themselves decide. So a queue without traits sends no further command.
 */
export const traits = definePart({
  name: 'traits',
  unused: NO_TRAITS,
  keys: ['traits', 'priority', 'meta'],
  meta: { traits: 'text' },
  keeps: { traits: 'S.traits' },
  reads: `
${FIND_TRAITS.trim()}
S.hasTraits = S.traits ~= '${MAY_HAVE.nothing}' and redis.call('HLEN', traits) > 0
if S.hasTraits then
  S.placesEach = true
elseif S.traits == '${MAY_HAVE.anything}' then
  S.traits = '${MAY_HAVE.priority}'
end
`,
  helpers: HELPERS,
  on: {
    // Parts that look at single jobs find their traits read. A part that needs those of recovered jobs reads them itself.
    dueSoon: `
readTraits(ids)
`,
    freed: `
readTraits(ids)
`,
  },
});

/** Forgets the traits of jobs that have ended, once no other part needs them. It needs the part `priorities` before it. */
export const forgetTraits = definePart({
  name: 'forget traits',
  unused: NO_TRAITS,
  keys: ['traits', 'jobs'],
  on: {
    ended: `
if state ~= 'failed' then forgetTraits(ids) end
`,
    forgotten: `
forgetTraits(ids)
`,
    dangling: `
forgetTraits(ids)
`,
  },
  body: `
-- A claimed job may have a priority that its record alone tells.
if S.traits ~= '${MAY_HAVE.nothing}' and S.byPriority == 0 and redis.call('HLEN', traits) == 0 and (not S.mayRank or redis.call('HLEN', jobs) == 0) then S.traits = '${MAY_HAVE.nothing}' end
`,
});

/** Knows the traits of jobs in scripts that are seldom. */
export const knowTraits = definePart({
  name: 'know traits',
  keys: ['traits'],
  reads: `
S.hasTraits = redis.call('HLEN', traits) > 0
`,
  helpers: HELPERS,
});

/** Forgets the traits of dropped jobs, and of ended ones whose records were removed. It needs the part `know traits` before it. */
export const dropTraits = definePart({
  name: 'drop traits',
  on: {
    dropped: `
forgetTraits(ids)
`,
  },
});

/** The same where ended jobs are removed. */
export const dropEndedTraits = definePart({
  name: 'drop ended traits',
  on: {
    forgotten: `
forgetTraits(ids)
`,
  },
});

/** Removes the traits of all jobs with their queue. */
export const removeTraits = definePart({
  name: 'remove traits',
  keys: ['traits'],
  on: {
    removing: `
redis.call('UNLINK', traits)
`,
  },
});

/** Lua that puts texts of traits, and says so in `meta`, unless it does. `told`: what it has to say. */
export const PUT_TRAITS = `
local function putTraits(entries, told)
  ${fillTable('traits', 'entries')}
  if S.traits ~= told and S.traits ~= '${MAY_HAVE.anything}' then
    redis.call('HSET', meta, 'traits', told)
    ${EXPIRE_META}
    S.traits = told
  end
end
`;

/**
 * Stores the traits of new jobs. It is the first of the parts that admit them; while one is admitted, `S.newTraits` has its traits, and `S.newKind`
 * their second byte, if it has any.
 *
 * @param text Lua of their text
 */
function takeTraitsOf(text: string) {
  return definePart({
    name: 'take traits',
    keys: ['traits', 'priority', 'meta'],
    shared: { traitEntries: '{}', hasTraits: 'true', toldTraits: `'${MAY_HAVE.priority}'` },
    meta: { traits: 'text' },
    reads: `
redis.call('HLEN', traits)
${FIND_TRAITS.trim()}
`,
    helpers: HELPERS + PUT_TRAITS,
    on: {
      admitNew: `
S.newTraits = ${text}
`,
      admitted: `
S.newKind = string.byte(S.newTraits, 2)
if S.newKind and (delay > 0 or not (${isPriorityAlone('S.newKind')})) then
  traitTexts[id] = S.newTraits
  S.traitEntries[#S.traitEntries + 1] = id
  S.traitEntries[#S.traitEntries + 1] = S.newTraits
  if not (${isPriorityAlone('S.newKind')}) then S.toldTraits = '${MAY_HAVE.anything}' end
end
`,
      pushed: `
if #S.traitEntries > 0 then putTraits(S.traitEntries, S.toldTraits) end
`,
    },
  });
}

/** Stores the traits of pushed jobs: in the facts of a job they follow the wishes for an id that the application gave. */
export const takeTraits = takeTraitsOf(`isGiven and (string.match(ARGV[i + 3], '\\n.*$') or '') or ARGV[i + 3]`);

/** Stores the traits of jobs that come from another queue. It needs the part `push by priority` behind it. */
export const takeMovedTraits = takeTraitsOf(`ARGV[i + 6] ~= '' and ARGV[i + 6] or priorityText(ARGV[i + 2])`);
