import { inFile } from './in-file.js';

const inHold = inFile('redis', 'lib/drivers/redis/scripts/parts/hold.part.ts');
const inGroupHold = inFile('redis', 'lib/drivers/redis/scripts/parts/group-hold.part.ts');
const inGroup = inFile('array', 'lib/drivers/array/array-group.ts');
const inPauseScript = inFile('redis', 'lib/drivers/redis/scripts/pause.script.ts');
const inObliterate = inFile('redis', 'lib/drivers/redis/scripts/parts/obliterate.part.ts');
const inArray = inFile('array', 'lib/drivers/array/array-limits.ts');
const inSettler = inFile('array', 'lib/drivers/array/array-settler.ts');

/** Faults of queues that are held back. */
export const HOLD_MUTANTS = [
  inHold('a queue that is held back hands out jobs', 'if ${IS_HELD} then S.limit = 0 end', ''),
  inHold('a queue that is held back has more jobs for a poll', 'if ${IS_HELD} then S.isBlocked = true end', ''),
  inHold('nobody learns when a hold ends', 'if ${HOLDS_UP} then due = math.min(due, S.heldUntil) end', ''),
  inHold(
    'a shorter hold takes the place of a longer one',
    "if kind == 'back' and details == '${HOLDS_QUEUE}' and now + number > math.max(S.heldUntil or 0, now) then",
    "if kind == 'back' and details == '${HOLDS_QUEUE}' and number > 0 then",
  ),
  inHold(
    'each release holds its queue back',
    "if kind == 'back' and details == '${HOLDS_QUEUE}' and now + number > math.max(S.heldUntil or 0, now) then",
    'if now + number > math.max(S.heldUntil or 0, now) then',
  ),
  inHold(
    'a hold lasts no longer than the poll that brings it',
    "redis.call('HSET', meta, 'heldUntil', string.format('%.0f', S.heldUntil))",
    '',
  ),
  inPauseScript(
    'the end of a pause ends a hold',
    "export const resumeScript = scriptThatEnds('resume', ['paused', 'pausedUntil'], {",
    "export const resumeScript = scriptThatEnds('resume', ['paused', 'pausedUntil', 'heldUntil'], {",
  ),
  inPauseScript(
    'the end of a hold ends a pause',
    "export const endHoldScript = scriptThatEnds('end-hold', ['heldUntil', 'groupsHeldUntil'], {",
    "export const endHoldScript = scriptThatEnds('end-hold', ['heldUntil', 'groupsHeldUntil', 'paused'], {",
  ),
  inObliterate(
    'a removed queue is held back',
    "redis.call('HDEL', meta, 'paused', 'pausedUntil', 'heldUntil', 'groupsHeldUntil', 'looked', 'given', 'notes', 'logs', 'traits', 'gone', 'cancels', 'limits')",
    "redis.call('HDEL', meta, 'paused', 'pausedUntil', 'looked', 'given', 'notes', 'logs', 'traits', 'gone', 'cancels', 'limits')",
  ),
  inGroupHold(
    'a group that is held back gives jobs',
    'return group.closedUntil > now and group.closedUntil or nil',
    'return nil',
  ),
  inGroupHold(
    'a shorter hold of a group takes the place of a longer one',
    'if ends <= (grouped.closedUntil(group) or now) then return end',
    'if ends <= now then return end',
  ),
  inGroupHold(
    'a group whose job holds it back keeps its turn',
    'if group.flag == ${FLAGS.inRing} or group.flag == ${FLAGS.gated} then',
    'if false then',
  ),
  inGroup(
    'a group in memory that is held back gives jobs',
    "return this.isHeld || (rateLimit && this.window.room(rateLimit) <= 0) ? 'gate' : undefined;",
    "return rateLimit && this.window.room(rateLimit) <= 0 ? 'gate' : undefined;",
  ),
  inArray('a queue in memory that is held back hands out jobs', 'if (this.isHeld) return 0;', ''),
  inArray('nobody learns when a hold in memory ends', 'if (this.isHeld) return this.heldUntil;', ''),
  inSettler(
    'a hold in memory counts from the pause that a cancelled job has',
    "if (told.kind === 'release' && told.hold === 'queue' && this.limits.hold(told.delay)) this.onHeld();",
    "if (told.kind === 'release' && told.hold === 'queue' && 'delay' in settlement && this.limits.hold(settlement.delay)) this.onHeld();",
  ),
];
