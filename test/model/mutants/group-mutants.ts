import { inFile } from './in-file.js';

const inGroups = inFile('array', 'lib/drivers/array/array-groups.ts');
const inGroup = inFile('array', 'lib/drivers/array/array-group.ts');
const inQueue = inFile('array', 'lib/drivers/array/array-queue.ts');
const inSettler = inFile('array', 'lib/drivers/array/array-settler.ts');
const inWaiting = inFile('array', 'lib/drivers/array/array-waiting.ts');
const inSides = inFile('array', 'lib/drivers/array/array-sides.ts');
const inDebounce = inFile('array', 'lib/drivers/array/array-debounce.ts');

/** Faults of groups in memory. */
export const GROUP_MUTANTS = [
  inGroups(
    'a group gives all its jobs before the next one',
    'this.become(group, this.nextState(group, limits));',
    "if (this.nextState(group, limits) !== 'ring') this.become(group, this.nextState(group, limits));",
  ),
  inGroups(
    'an empty group keeps its turn',
    "if (group.jobs.length === 0 && group.state !== 'full' && group.state !== 'held') this.become(group, 'none');",
    '',
  ),
  inGroups(
    'the jobs of a group come out in any order',
    'this.enter(job).jobs.push(job);',
    'this.enter(job).jobs.unshift(job);',
  ),
  inGroups('a requeued job goes to the end of its group', 'else jobs.unshift(job);', 'else jobs.push(job);'),
  inGroups(
    'a job of an ordered group that comes back stands by its priority',
    'if (isFirst) jobs.toFirst(job);',
    'if (isFirst) jobs.unshift(job);',
  ),
  inGroup(
    'the turns of the priorities of a group outlive its jobs',
    'if (this.jobs.length === 0) this.jobs.reset();',
    '',
  ),
  inSides(
    'groups come before the jobs without one',
    'const share = isMixed ? Math.floor(((this.mixed % 2) + count) / 2) : 0;',
    'const share = isMixed ? count : 0;',
  ),
  inSides('the odd place is always that of the same side', 'if (isMixed) this.mixed += jobs.length;', ''),
  inSides(
    'places of the other side stay empty',
    'jobs.push(...groups.take(count - jobs.length));',
    'if (!isMixed) jobs.push(...groups.take(count - jobs.length));',
  ),
  inGroup(
    'one job more of a group runs',
    "if (this.running.size >= concurrency) return 'full';",
    "if (this.running.size > concurrency) return 'full';",
  ),
  inSettler(
    'a settled job keeps its place in its group',
    "this.waiting.groups.end(job, 'delay' in settlement && (settlement.delay > 0 || job.crashes > 0));",
    '',
  ),
  inQueue('a lost job keeps its place in its group', 'this.waiting.groups.end(job, true);', ''),
  inSettler('a start in a group is not given back', 'this.waiting.groups.giveBack(job);', ''),
  inWaiting('a recovered job takes no place in its group', 'this.groups.start(job);', ''),
  inWaiting('a group whose window has room stays out', 'this.groups.open();', ''),
  inSettler(
    'a job that waits for its retry does not hold its group back',
    "this.waiting.groups.end(job, 'delay' in settlement && (settlement.delay > 0 || job.crashes > 0));",
    'this.waiting.groups.end(job);',
  ),
  inQueue(
    'a lost job does not hold its group back',
    'this.waiting.groups.end(job, true);',
    'this.waiting.groups.end(job);',
  ),
  inWaiting(
    'a job that held its group back goes to its end',
    'this.toFront([job]);',
    "this.ready.push(job); job.place = 'ready';",
  ),
  inDebounce('a replaced job stays in its old group', 'else if (changesPlace) this.waiting.remove(job);', ''),
  inDebounce(
    'a replaced job that is ready keeps its old priority',
    'const changesPlace = job.traits.group !== traits.group || (job.traits.priority ?? 0) !== (traits.priority ?? 0);',
    'const changesPlace = job.traits.group !== traits.group;',
  ),
];
