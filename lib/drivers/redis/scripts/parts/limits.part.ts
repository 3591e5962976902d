import { definePart, type Unused } from '../part.js';
import { integer } from '../reply.js';
import { WINDOW } from '../window.js';
import { NO_TRAITS } from './traits.part.js';

/** The details of a settlement whose job was not started after its claim. */
export const UNSTARTED = 'u';

/** Lua: whether a settlement is that of a job that was started after its claim. */
export const HAS_STARTED = `details ~= '${UNSTARTED}' and kind ~= 'unknown' and not (kind == 'cancel' and number == 0)`;

/** The field `limits` of the reply if jobs wait that may not be claimed now; else 1 if no job may be claimed ahead, or 0. */
export const FULL = 2;

/** How long `limits` stays without a sign of life, if no operator has set limits, in milliseconds. */
export const LIMITS_KEPT = 86_400_000;

/** No limit is stored: neither one of an operator, nor one that the options of a live consumer have. Its first poll stores that. */
export const NO_LIMITS: Unused = { meta: { limits: 'text' }, when: `S.limits == '0'` };

/**
 * The limits of a queue: how many of its jobs run at once, and how many start in a while, over all consumers. A start is a claim.
 *
 * `ownLimits`: what the options of the consumer say, as three words: the most jobs at once, the most starts, and the length of
 * their window in microseconds; `-` for no limit; empty without limits. Behind them there may be the limits of each group, as four words:
 * the same three, and 1 if the groups are ordered. The hash `limits` has what all consumers share:
 *
 * - `set`: what an operator has set, in place of all options, as `ownLimits`;
 * - `least`, `slowest`: of consumers that disagree, the smaller limit, and the consumer that has it in its options. It counts
 *   for all as long as that consumer lives;
 * - `groupLeast`, `groupSlowest`: the same of the limits of each group: see the part `group limits`;
 * - `ordered`: that the groups are ordered, in the options of some consumer.
 *
 * The jobs that run are counted where they are, in the claimed jobs of the consumers: so the number is right however a job
 * leaves, and as soon as a limit comes. The starts are in the list `starts`.
 *
 * The field `limits` of `meta` is `0` if nothing is stored, and missing if that is not known. So a queue without limits sends no
 * further command.
 */
export const limits = definePart({
  name: 'limits',
  unused: NO_LIMITS,
  keys: ['limits', 'starts', 'consumers', 'meta'],
  args: ['ownLimits', 'consumer', 'claimedPrefix'],
  meta: { limits: 'text' },
  reads: `
-- One table for all: a script may have 200 locals. \`shares\`: the fields of \`limits\` to write; the empty text removes one.
local bounds, window = { groupText = '' }, nil
if ownLimits ~= '' or S.limits ~= '0' then
  bounds.shares = {}
  local fields = { 'least', 'slowest', 'groupLeast', 'groupSlowest', 'ordered' }
  local stored = redis.call('HMGET', limits, 'set', unpack(fields))
  local set, texts = stored[1], {}
  for i = 1, #fields do texts[fields[i]] = stored[i + 1] or nil end
  redis.call('LLEN', starts)
  local ownPlaces, ownMost, ownPer, ownGroups = string.match(set or ownLimits, '^(%S+) (%S+) (%S+)(.*)$')
  bounds.isShared = set and true or false
  -- Whether the consumer that has a shared limit in its options lives; otherwise the limit counts no longer.
  local function counts(field, text, holder)
    if holder and (holder == consumer or tonumber(redis.call('ZSCORE', consumers, holder) or 0) > now) then return true end
    if text then bounds.shares[field] = '' end
    return false
  end
  -- Returns the limits that count, and shares those of this consumer that are smaller than all others.
  local function agree(least, slowest, places, most, per)
    local shared, holder = string.match(texts[least] or '', '^(%d+) (%S+)$')
    shared = counts(least, texts[least], holder) and tonumber(shared) or math.huge
    if set then
      shared = nil
    elseif places and places < shared then
      bounds.shares[least] = places .. ' ' .. consumer
    elseif shared < math.huge then
      places = shared
    end
    local sharedMost, sharedPer, slow = string.match(texts[slowest] or '', '^(%d+) (%d+) (%S+)$')
    local rate = counts(slowest, texts[slowest], slow) and sharedMost / sharedPer or math.huge
    if set then
      rate = nil
    elseif most and most / per < rate then
      bounds.shares[slowest] = string.format('%.0f %.0f %s', most, per, consumer)
    elseif rate < math.huge then
      most, per = tonumber(sharedMost), tonumber(sharedPer)
    end
    return places, most, per
  end
  bounds.places, bounds.most, bounds.per =
    agree('least', 'slowest', tonumber(ownPlaces), tonumber(ownMost), tonumber(ownPer))
  local places, most, per, ordered = string.match(ownGroups or '', '^ (%S+) (%S+) (%S+) (%S+)$')
  bounds.groupPlaces, bounds.groupMost, bounds.groupPer =
    agree('groupLeast', 'groupSlowest', tonumber(places), tonumber(most), tonumber(per))
  local isShared = counts('ordered', texts.ordered, string.match(texts.ordered or '', '^1 (%S+)$'))
  bounds.ordered = ordered == '1' or not set and isShared
  if bounds.ordered and not set and not isShared then bounds.shares.ordered = '1 ' .. consumer end
  if bounds.groupPlaces or bounds.groupMost then
    bounds.limitsGroups = true
    bounds.groupText = (bounds.groupPlaces or '-') .. ' ' .. (bounds.groupMost or '-') .. ' ' .. (bounds.groupPer or '-')
    if bounds.ordered then bounds.groupText = bounds.groupText .. ' ordered' end
  end
  for field, text in pairs(texts) do
    if (bounds.shares[field] or text) ~= '' then bounds.isShared = true end
  end
  for _, text in pairs(bounds.shares) do
    if text ~= '' then bounds.isShared = true end
  end
end
S.isLimited = (bounds.places or bounds.most or bounds.limitsGroups) and true or false
`,
  helpers: `
if S.isLimited then
${WINDOW}
-- Returns how many jobs run: those that consumers hold.
function bounds.countRunning()
  if not bounds.running then
    bounds.running = 0
    local all = redis.call('ZRANGE', consumers, 0, -1)
    for i = 1, #all do
      local held = redis.pcall('HLEN', claimedPrefix .. all[i])
      -- A key of another type holds no job.
      if type(held) == 'number' then bounds.running = bounds.running + held end
    end
  end
  return bounds.running
end
-- Returns how many jobs may start, at most \`want\`; if none may because of the time, also when, in milliseconds.
function bounds.free(want)
  if bounds.places then want = math.max(0, math.min(want, bounds.places - bounds.countRunning())) end
  if want > 0 and bounds.most then return window.free(starts, bounds.most, bounds.per, want) end
  return want
end
-- Finds out if jobs wait that may not be claimed now.
function bounds.look()
  if S.isBlocked or S.depth + S.apart + (S.recoveredDepth or 0) == 0 then return end
  local free, opensAt = bounds.free(1)
  if free == 0 then S.isBlocked, S.isFull, bounds.opensAt = true, true, opensAt end
end
end
`,
  body: `
for field, text in pairs(bounds.shares or {}) do
  if text == '' then
    redis.call('HDEL', limits, field)
  else
    redis.call('HSET', limits, field, text)
    redis.call('PEXPIRE', limits, ${LIMITS_KEPT})
  end
end
local known = bounds.isShared and '1' or '0'
if S.limits ~= known then redis.call('HSET', meta, 'limits', known) end
`,
  on: {
    settled: `
local hasStarted = ${HAS_STARTED}
if bounds.most and not hasStarted then window.giveBack(starts, tonumber(fence)) end
`,
    mayClaim: `
if S.isLimited and S.limit > 0 and S.depth + S.apart + (S.recoveredDepth or 0) > 0 then S.limit = (bounds.free(S.limit)) end
`,
    claimed: `
if bounds.running then bounds.running = bounds.running + #ids end
if bounds.most then window.note(starts, bounds.per, S.first, #ids) end
`,
    waking: `
if S.isLimited then bounds.look() end
if S.isFull then wakes = false end
`,
    answering: `
if S.isLimited then bounds.look() end
`,
    // Where all places are taken, the settlement that frees one wakes a consumer.
    due: `
if bounds.opensAt then due = math.min(due, bounds.opensAt) end
`,
  },
});

/** Tells whether jobs may be claimed ahead, and whether some wait that may not be claimed now. It needs the parts that know it before it. */
export const tellLimits = definePart({
  name: 'tell limits',
  unused: [NO_LIMITS, NO_TRAITS],
  reply: { limits: integer(`(S.isFull or S.isHeldBack) and ${FULL} or (S.isLimited or S.isRanked) and 1 or 0`) },
});
