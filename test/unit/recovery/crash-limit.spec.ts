import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob } from '../../../lib/drivers/queue-driver.interface.js';
import { AttemptPolicy } from '../../../lib/job/attempt-policy.js';
import type { Attempt } from '../../../lib/middleware/job-stage.js';
import { JobCrashedError } from '../../../lib/queue.errors.js';
import { DEFAULTS } from '../../../lib/queue.options.js';
import { crashErrorOf, crashLimit } from '../../../lib/recovery/crash-limit.js';

const policy = new AttemptPolicy(DEFAULTS.jobs);

function crashed(crashes: number): ClaimedJob {
  return { id: 'a', body: '', pushedAt: 0, fence: 1, attempt: 1, crashes, unknownFor: 0 };
}

function attemptOf(crashes: number): Attempt {
  return { job: crashed(crashes), record: { options: {} }, rejection: undefined } as Attempt;
}

describe('crashErrorOf', () => {
  it.each([0, 1, 2])('accepts a job that cost %d workers', (crashes) => {
    expect(crashErrorOf(crashed(crashes), 3)).toBeUndefined();
  });

  it.each([3, 4])('refuses a job that cost %d workers', (crashes) => {
    expect(crashErrorOf(crashed(crashes), 3)).toEqual(new JobCrashedError('a', crashes));
  });
});

describe('crashLimit', () => {
  const stage = crashLimit(policy);

  it('lets a job go on below the limit', () => {
    const attempt = attemptOf(2);
    expect(stage(attempt)).toBeUndefined();
    expect(attempt.rejection).toBeUndefined();
  });

  it('rejects a job at the limit, but lets it be made', () => {
    const attempt = attemptOf(3);
    expect(stage(attempt)).toBeUndefined();
    expect(attempt.rejection).toEqual(new JobCrashedError('a', 3));
  });

  it('fails a job beyond the limit at once', () => {
    const attempt = attemptOf(4);
    expect(stage(attempt)).toEqual({ kind: 'failed', error: new JobCrashedError('a', 4) });
  });
});
