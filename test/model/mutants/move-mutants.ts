import { inFile } from './in-file.js';

const inMoveOut = inFile('redis', 'lib/drivers/redis/scripts/parts/move-out.part.ts');
const inMoveIn = inFile('redis', 'lib/drivers/redis/scripts/parts/move-in.part.ts');
const inEndMove = inFile('redis', 'lib/drivers/redis/scripts/parts/end-move.part.ts');
const inScripts = inFile('redis', 'lib/drivers/redis/scripts/move.script.ts');
const inMoves = inFile('redis', 'lib/drivers/redis/redis-moves.ts');
const inMender = inFile('array', 'lib/drivers/array/array-mender.ts');

/** Faults of moves to another queue. */
export const MOVE_MUTANTS = [
  inMoveOut('the record of a job that moves stays', `redis.call('HDEL', jobs, unpack(ids))`, ''),
  inMoveOut('a move that arrives twice takes jobs twice', 'if told then', 'if false then'),
  inMoveOut(
    'nobody looks where a job on its way is',
    `if redis.call('HEXISTS', moving, ARGV[i]) == 1 then return -1 end`,
    '',
  ),
  inMoveIn('the id of a moved job is free', `if name ~= '' then noteOwner(id, name) end`, ''),
  inMoveIn('the status of a moved job stays', `takeId(id, name, holder, 'queued')`, ''),
  inMoveIn('the failures of a moved job are lost', 'pasts[#pasts + 1] = ARGV[i + 4]', `pasts[#pasts + 1] = ''`),
  inMoveIn(
    'a move that arrives twice is answered as one that was refused',
    `if told then return told == '' and {} or cjson.decode(told) end`,
    `if told then return { '~' } end`,
  ),
  inScripts(
    'jobs that did not arrive are told as arrived',
    `return told == '' and {} or cjson.decode(told)`,
    'return {}',
  ),
  inEndMove(
    'jobs that arrived come back',
    `if not refused[id] and not refused['\${ALL_REFUSED}'] then`,
    'if false then',
  ),
  inEndMove(
    'jobs that come back have no failures',
    `if job.past ~= '' then redis.call('HSET', failures, id, job.past) end`,
    '',
  ),
  inEndMove(
    'jobs that come back fail now',
    `redis.call('ZADD', failed, job.score, id)`,
    `redis.call('ZADD', failed, now / 1000, id)`,
  ),
  inEndMove('a job that arrived stays on its way', `redis.call('HDEL', moving, id)`, ''),
  inMoves(
    'a refused move counts',
    'const moved = refused[0] === ALL_REFUSED ? 0 : jobs.length - refused.length;',
    'const moved = ids.length;',
  ),
  inMender(
    'a moved job stays a job of its old queue',
    'this.begin(jobs.map((job) => ({ ...job, queue: this.queue })));',
    'this.begin(jobs);',
  ),
];
