import { inFile } from './in-file.js';

const inLimits = inFile('redis', 'lib/drivers/redis/scripts/parts/limits.part.ts');
const inWindow = inFile('redis', 'lib/drivers/redis/scripts/window.ts');
const inObliterate = inFile('redis', 'lib/drivers/redis/scripts/parts/obliterate.part.ts');
const inScript = inFile('redis', 'lib/drivers/redis/scripts/set-limits.script.ts');
const inRoom = inFile('redis', 'lib/drivers/redis/scripts/queue-room.ts');
const inArrayQueue = inFile('array', 'lib/drivers/array/array-queue.ts');
const inArray = inFile('array', 'lib/drivers/array/array-limits.ts');
const inArrayWindow = inFile('array', 'lib/drivers/array/array-window.ts');
const inSettler = inFile('array', 'lib/drivers/array/array-settler.ts');

/** Faults of the limits of a queue. */
export const LIMIT_MUTANTS = [
  inLimits(
    'the concurrency does not count the jobs of other consumers',
    `local all = redis.call('ZRANGE', consumers, 0, -1)`,
    'local all = { consumer }',
  ),
  inLimits(
    'jobs that were claimed before the claim of a poll do not count after it',
    'if bounds.running then bounds.running = bounds.running + #ids end',
    'if bounds.running then bounds.running = #ids end',
  ),
  inLimits(
    'a full queue wakes consumers',
    'if S.isFull then wakes = false end',
    'if not S.isFull then wakes = false end',
  ),
  inLimits(
    'a full queue has more jobs for a poll',
    'if free == 0 then S.isBlocked, S.isFull, bounds.opensAt = true, true, opensAt end',
    'if free == 0 then S.isFull, bounds.opensAt = true, opensAt end',
  ),
  inLimits('nobody learns when a window opens', 'if bounds.opensAt then due = math.min(due, bounds.opensAt) end', ''),
  inLimits('starts are not counted', 'if bounds.most then window.note(starts, bounds.per, S.first, #ids) end', ''),
  inLimits(
    'the start of a job that was put back is not given back',
    'if bounds.most and not hasStarted then window.giveBack(starts, tonumber(fence)) end',
    '',
  ),
  inLimits(
    'the start of a job whose name is not known counts',
    'local hasStarted = ${HAS_STARTED}',
    "local hasStarted = ${HAS_STARTED} or kind == 'unknown'",
  ),
  inLimits(
    'each job that is put back gives its start back',
    'if bounds.most and not hasStarted then window.giveBack(starts, tonumber(fence)) end',
    'if bounds.most then window.giveBack(starts, tonumber(fence)) end',
  ),
  inWindow(
    'a start leaves the window too late',
    'if clock - window.startAt(key, middle - 1) >= per then left = middle else most = middle - 1 end',
    'if clock - window.startAt(key, middle - 1) > per then left = middle else most = middle - 1 end',
  ),
  inWindow(
    'a start leaves the window too early',
    'if clock - window.startAt(key, middle - 1) >= per then left = middle else most = middle - 1 end',
    'if clock - window.startAt(key, middle - 1) >= per - 2000000 then left = middle else most = middle - 1 end',
  ),
  inWindow(
    'the whole window is free if a part of it is',
    'if length < max then return math.min(want, max - length) end',
    'if length < max then return want end',
  ),
  inWindow(
    'another start is given back',
    "if fence < first + count then redis.call('LREM', key, -1, element) end",
    "redis.call('RPOP', key)",
  ),
  inObliterate(
    'the starts of a removed queue stay',
    "redis.call('UNLINK', gone, goneRecovered, marker, limits, starts, holds)",
    "redis.call('UNLINK', gone, goneRecovered, marker, limits, holds)",
  ),
  inLimits(
    'the limits that an operator has set do not count',
    "local ownPlaces, ownMost, ownPer, ownGroups = string.match(set or ownLimits, '^(%S+) (%S+) (%S+)(.*)$')",
    "local ownPlaces, ownMost, ownPer, ownGroups = string.match(ownLimits, '^(%S+) (%S+) (%S+)(.*)$')",
  ),
  inLimits(
    'a consumer that knows of no limits misses those that are set',
    "if S.limits ~= known then redis.call('HSET', meta, 'limits', known) end",
    "redis.call('HSET', meta, 'limits', '0')",
  ),
  inScript('limits are not taken back', "redis.call('HDEL', limits, 'set')", ''),
  inScript(
    'limits that were set are gone after a day',
    "redis.call('PERSIST', limits)",
    "redis.call('PEXPIRE', limits, 1000)",
  ),
  inScript('new limits wake nobody', "if waiting > 0 then redis.call('ZADD', marker, 0, '0') end", ''),
  inArrayQueue('limits in memory are not set', 'this.limits.set = limits ?? undefined;', ''),
  inArray(
    'the concurrency of a queue in memory lets one job more run',
    'if (concurrency !== undefined) free = Math.min(free, concurrency - this.running);',
    'if (concurrency !== undefined) free = Math.min(free, concurrency + 1 - this.running);',
  ),
  inArrayWindow(
    'a start leaves a window in memory too late',
    'const first = this.starts.findIndex(({ at }) => at > since);',
    'const first = this.starts.findIndex(({ at }) => at >= since);',
  ),
  inArrayWindow(
    'nobody learns when a window in memory opens',
    'return this.starts.at(-max)!.at + per * 1000;',
    'return Infinity;',
  ),
  inRoom(
    'jobs of a queue that is held back count as ready',
    'if tonumber(heldUntil or 0) > now then return false end',
    '',
  ),
  inRoom(
    'jobs of a queue that is full count as ready',
    'if places and countRunning() >= places then return false end',
    '',
  ),
  inRoom(
    'a job counts as ready while a window is full',
    'if not first then return true end',
    'if true then return true end',
  ),
  inRoom(
    'a job counts as blocked because of starts that have left the window',
    'return math.max(time[1] * 1000000 + time[2] + ahead, last) - first >= per',
    'return false',
  ),
  inRoom(
    'limits that were set do not count for what is ready',
    "local places, most, per = string.match(set or ownLimits, '^(%S+) (%S+) (%S+)')",
    "local places, most, per = string.match(ownLimits, '^(%S+) (%S+) (%S+)')",
  ),
  inArrayQueue(
    'jobs of a full queue in memory count as ready',
    'const ready = this.limits.free(1) === 0 ? 0 : open;',
    'const ready = open;',
  ),
  inSettler('a start in memory is not given back', 'this.limits.giveBack(job);', ''),
];
