import { describe, expect, it } from '@jest/globals';
import { isEnd, isJobState, JOB_STATES } from '../../../lib/job/job-status.js';

describe('job states', () => {
  it('are final if they are completed, failed or cancelled', () => {
    expect(JOB_STATES.filter(isEnd)).toEqual(['completed', 'failed', 'cancelled']);
  });

  it('are recognized by their exact names only', () => {
    expect(JOB_STATES.every(isJobState)).toBe(true);
    for (const other of ['', 'Queued', 'done', 'toString', 0, null, undefined, ['queued']]) {
      expect(isJobState(other)).toBe(false);
    }
  });
});
