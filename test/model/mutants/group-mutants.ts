import { inFile } from './in-file.js';

const inGroups = inFile('array', 'lib/drivers/array/array-groups.ts');
const inSides = inFile('array', 'lib/drivers/array/array-sides.ts');
const inDebounce = inFile('array', 'lib/drivers/array/array-debounce.ts');

/** Faults of groups in memory. */
export const GROUP_MUTANTS = [
  inGroups(
    'a group gives all its jobs before the next one',
    'if (this.ring.delete(group.name)) this.ring.set(group.name, group);',
    '',
  ),
  inGroups('an empty group keeps its turn', 'if (group.jobs.length === 0) this.ring.delete(group.name);', ''),
  inGroups('the jobs of a group come out in any order', 'this.enter(job).push(job);', 'this.enter(job).unshift(job);'),
  inGroups(
    'a requeued job goes to the end of its group',
    'this.enter(job).unshift(job);',
    'this.enter(job).push(job);',
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
  inDebounce('a replaced job stays in its old group', 'else if (changesGroup) this.waiting.remove(job);', ''),
];
