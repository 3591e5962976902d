import { inFile } from './in-file.js';

const inConsumer = inFile('array', 'lib/drivers/array/array-lease.ts');
const inSettler = inFile('array', 'lib/drivers/array/array-settler.ts');
const inQueue = inFile('array', 'lib/drivers/array/array-queue.ts');
const inWaiting = inFile('array', 'lib/drivers/array/array-waiting.ts');
const inHeap = inFile('array', 'lib/drivers/array/due-heap.ts');

/** Faults of the array driver. */
export const ARRAY_MUTANTS = [
  inConsumer('settlements ignore the fence', 'return job?.fence === fence ? job : undefined;', 'return job;'),
  inConsumer(
    'a lease is lost a millisecond early',
    'this.lost ||= now >= this.leaseEnd;',
    'this.lost ||= now + 1 >= this.leaseEnd;',
  ),
  inSettler('a retry does not count the attempt', 'job.attempts++;', ''),
  inSettler(
    'a release is not counted',
    'else if (!settlement.unknown) job.releases = (job.releases ?? 0) + 1;',
    'else if (!settlement.unknown) job.releases ??= 1;',
  ),
  inSettler(
    'since when a name is not known begins anew',
    'job.unknownSince = settlement.unknown ? (job.unknownSince ?? now) : undefined;',
    'job.unknownSince = settlement.unknown ? now : undefined;',
  ),
  inSettler(
    'a job that goes back after its start loses its count',
    `if (settlement.position === 'front') job.releases ??= settlement.hasStarted ? 0 : undefined;`,
    `if (settlement.position === 'front') job.releases = settlement.hasStarted ? 0 : undefined;`,
  ),
  inQueue(
    'the id of another job is skipped without a word',
    'if (conflict) conflicts.push(conflict);',
    'if (conflict) continue;',
  ),
  inQueue('a duplicate is not told', `else exceptions.push({ index, outcome: 'duplicate', id: newJob.id });`, ''),
  inQueue(
    'an id of an ended job stays among the failed',
    'if (isGiven) forget(newJob.id, holder?.queue ?? this.name);',
    '',
  ),
  inQueue('a crash is not counted', 'job.crashes++;', ''),
  inQueue('clear leaves the statuses', 'for (const job of dropped) this.jobs.drop(job);', ''),
  inQueue(
    'fences do not grow',
    'let fence = Math.max(this.lastFence, this.clock.now() - jobs.length);',
    'let fence = this.clock.now() - jobs.length;',
  ),
  inWaiting(
    'jobs put back change their order',
    'for (const job of [...jobs].sort((a, b) => b.fence - a.fence)) {',
    'for (const job of [...jobs].sort((a, b) => a.fence - b.fence)) {',
  ),
  inHeap(
    'jobs are due a millisecond late',
    'if (!first || first.due > now) return undefined;',
    'if (!first || first.due >= now) return undefined;',
  ),
];
