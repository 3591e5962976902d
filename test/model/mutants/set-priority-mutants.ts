import { inFile } from './in-file.js';

const inScript = inFile('redis', 'lib/drivers/redis/scripts/parts/set-priority.part.ts');
const inReady = inFile('array', 'lib/drivers/array/array-ready.ts');
const inMender = inFile('array', 'lib/drivers/array/array-mender.ts');

/** Faults of an operator's change of a priority. */
export const SET_PRIORITY_MUTANTS = [
  inScript(
    'a ready job with a new priority keeps its place',
    `local moves = place == 'ready' and not (group and comesFirst(id, group))`,
    'local moves = false',
  ),
  inScript(
    'a job with a new priority does not come first any more',
    `local moves = place == 'ready' and not (group and comesFirst(id, group))`,
    `local moves = place == 'ready'`,
  ),
  inScript(
    'a recovered job with a new priority becomes a ready one',
    `local moves = place == 'ready' and not (group and comesFirst(id, group))`,
    `local moves = place ~= 'delayed' and not (group and comesFirst(id, group))`,
  ),
  inScript('a job moves that has the priority already', 'if priorityOf(id, 0) ~= value then', 'if true then'),
  inScript(
    'the record of a job tells its old priority',
    `redis.call('HSET', jobs, id, withPriority(redis.call('HGET', jobs, id)))`,
    '',
  ),
  inScript('the traits of a job tell its old priority', 'changeTraits(place)', ''),
  inScript(
    'the group of a job with a new priority loses its turn',
    'if group then grouped.take(id, group, true) else takeReady(id) end',
    'takeReady(id)',
  ),
  inScript(
    'a job with a new priority stays in its old place, too',
    'if group then grouped.take(id, group, true) else takeReady(id) end',
    'if group then grouped.take(id, group, true) end',
  ),
  inScript(
    'a job with a new priority goes to the front of it',
    `if moves then enqueue('RPUSH', id, 0) end`,
    `if moves then enqueue('LPUSH', id, 0) end`,
  ),
  inReady(
    'a ready job with a new priority keeps its place',
    'const moves = this.priorityOf(job) !== FIRST;',
    'const moves = false;',
  ),
  inReady(
    'a job with a new priority does not come first any more',
    'const moves = this.priorityOf(job) !== FIRST;',
    'const moves = true;',
  ),
  inMender('the record of a job tells its old priority', 'job.body = withPriority(job.body, priority);', ''),
];
