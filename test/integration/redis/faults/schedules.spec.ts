import { describe } from '@jest/globals';
import { describeFaults, type Mutant } from './describe-faults.js';
import { runSchedules } from './schedule-faults.js';

/** Deliberate faults. */
const MUTANTS: readonly Mutant[] = [
  {
    fault: 'a change does not record its jobs',
    script: 'change schedule',
    find: "redis.call('HSET', outbox, ARGV[i], ARGV[i + 1])",
    replace: '',
  },
  {
    fault: 'a taken schedule is due no more',
    script: 'take schedules',
    find: "redis.call('ZADD', due, string.format('%.0f', now + claim), member)",
    replace: "redis.call('ZREM', due, member)",
  },
  {
    fault: 'a job that is there is pushed again',
    script: 'push-scheduled',
    find: '  if there[at] or anyStatus and',
    replace: '  if false and anyStatus and',
  },
  {
    fault: 'the id of an ended job is not known',
    script: 'poll',
    find: 'not S_kept and not S_mayStayKnown then',
    replace: 'not S_kept then',
  },
];

describe('schedules, while processes die between any two scripts, and scripts arrive twice', () => {
  describeFaults(runSchedules, {
    promise: 'have one job for each occurrence',
    not: 'have not',
    mutants: MUTANTS,
    // The ids of ended jobs are known although no status is kept.
    statusTtl: 0,
  });
});
