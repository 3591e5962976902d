import { inFile } from './in-file.js';

const inNotes = inFile('redis', 'lib/drivers/redis/scripts/parts/notes.part.ts');
const inProgress = inFile('redis', 'lib/drivers/redis/scripts/parts/progress.part.ts');
const inResults = inFile('redis', 'lib/drivers/redis/scripts/parts/results.part.ts');
const inCheckpoint = inFile('redis', 'lib/drivers/redis/scripts/parts/checkpoint.part.ts');
const inLogs = inFile('redis', 'lib/drivers/redis/scripts/parts/logs.part.ts');
const inTakeIds = inFile('redis', 'lib/drivers/redis/scripts/parts/take-ids.part.ts');
const inArrayJobs = inFile('array', 'lib/drivers/array/array-jobs.ts');
const inArrayQueue = inFile('array', 'lib/drivers/array/array-queue.ts');
const inArrayJob = inFile('array', 'lib/drivers/array/array-job.ts');

/** Faults of what jobs tell while they run. */
export const NOTE_MUTANTS = [
  inNotes(
    'a note of a consumer that does not hold the job is taken',
    `S.isHeld = redis.call('HGET', claimed, id) == fence`,
    'S.isHeld = true',
  ),
  inNotes(
    'a note ignores the fence',
    `S.isHeld = redis.call('HGET', claimed, id) == fence`,
    `S.isHeld = redis.call('HEXISTS', claimed, id) == 1`,
  ),
  inNotes(
    'a late note overwrites a later one',
    'S.isNew = lastFence ~= fence or tonumber(last) < number',
    'S.isNew = true',
  ),
  inNotes(
    'the first note of an attempt is taken for a late one',
    'S.isNew = lastFence ~= fence or tonumber(last) < number',
    'S.isNew = tonumber(last or 0) < number',
  ),
  inNotes('what comes with a settlement is lost', 'if S.told then takeNotes(ids) end', ''),
  inNotes('nobody looks for notes', `if S.notes ~= '1' then redis.call('HSET', meta, 'notes', '1') end`, ''),
  inNotes(
    'nobody looks for the notes that came with a settlement',
    `if S.notes ~= mark then redis.call('HSET', meta, 'notes', mark) end`,
    '',
  ),
  inProgress(
    'the progress of ended and dropped jobs stays',
    `if S.hasNotes then redis.call('HDEL', progress, unpack(ids)) end`,
    '',
  ),
  inProgress(
    'a status forgets the progress',
    `local known = S.hasNotes and redis.call('HGET', progress, id)`,
    'local known = false',
  ),
  inCheckpoint(
    'the checkpoints of ended and dropped jobs stay',
    `if S.hasNotes then redis.call('HDEL', checkpoints, unpack(ids)) end`,
    '',
  ),
  inCheckpoint(
    'a checkpoint is not handed out',
    `if S.hasNotes and #S.ids > 0 then S.checkpoints = redis.call('HMGET', checkpoints, unpack(S.ids)) end`,
    '',
  ),
  inCheckpoint(
    'a checkpoint is not stored',
    `if #values > 0 then redis.call('HSET', checkpoints, unpack(values)) end`,
    '',
  ),
  inLogs('a line that comes twice is added twice', 'local known = math.max(last - before, 0)', 'local known = 0'),
  inLogs(
    'an attempt goes on with the numbers of the one before',
    'last, kept = lastFence == fence and tonumber(last) or 0, tonumber(kept or 0)',
    'last, kept = tonumber(last or 0), tonumber(kept or 0)',
  ),
  inLogs('a log grows for ever', 'if all > ${MAX_LOG_LINES} then', 'if all < 0 then'),
  inLogs('a log has the last lines only', `if old then lines = old .. '\\\\n' .. lines end`, ''),
  inLogs(
    'the logs of jobs whose records are gone stay',
    `if S.hasLogs then redis.call('HDEL', logs, unpack(ids)) end`,
    '',
  ),
  inLogs('nobody looks for logs', `if S.hasLogs and S.logs ~= '1' then redis.call('HSET', meta, 'logs', '1') end`, ''),
  inLogs(
    'nobody looks for the logs that came with a settlement',
    `if S.logs ~= mark then redis.call('HSET', meta, 'logs', mark) end`,
    '',
  ),
  inTakeIds('a new job has the log of an ended one', `redis.pcall('HDEL', base .. '\${LOGS}', id)`, ''),
  inArrayJob(
    'a line in memory that comes twice is added twice',
    'job.logs.push(...lines.slice(Math.max(known - before, 0)));',
    'job.logs.push(...lines);',
  ),
  inArrayJob('a log in memory grows for ever', 'job.logs.splice(0, job.logs.length - MAX_LOG_LINES);', ''),
  inArrayJob('a checkpoint in memory is lost', 'job.checkpoint = checkpoint;', ''),
  inResults(
    'the status of a job with a result is kept as long as any other',
    'if keepFor and tonumber(keepFor) > tonumber(ttl) then ttl = keepFor end',
    '',
  ),
  inResults(
    'a result shortens the time of a status',
    'if keepFor and tonumber(keepFor) > tonumber(ttl) then ttl = keepFor end',
    'if keepFor then ttl = keepFor end',
  ),
  inResults('a result is lost', `local kept = state == 'completed' and S.kept and S.kept[id]`, 'local kept = nil'),
  inArrayJobs(
    'a result in memory is lost',
    'const whole = result === undefined ? end : { ...end, result };',
    'const whole = end;',
  ),
  inArrayQueue(
    'a late note in memory overwrites a later one',
    'if (lastFence === fence && last >= number) return true;',
    '',
  ),
  inArrayJob('a progress in memory is lost', 'job.progress = progress;', 'job.progress ??= progress;'),
];
