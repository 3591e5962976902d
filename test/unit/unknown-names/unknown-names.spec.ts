import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob } from '../../../lib/drivers/queue-driver.interface.js';
import type { JobOutcome } from '../../../lib/job/job-outcome.js';
import type { Attempt } from '../../../lib/middleware/job-stage.js';
import { UnknownJobError } from '../../../lib/queue.errors.js';
import { UnknownNames } from '../../../lib/unknown-names/unknown-names.js';
import { testJob } from '../../support/jobs.js';
import { RecordingLogger } from '../../support/recording-logger.js';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

/** Asks the stage about a job that nobody knows. */
function decide(names: UnknownNames, unknownFor: number, name = 'StrangerJob'): JobOutcome | undefined {
  const job: ClaimedJob = { id: 'a', body: '', pushedAt: 0, fence: 1, attempt: 1, crashes: 0, unknownFor };
  return names.stage({ job, name, registered: undefined } as Attempt);
}

describe('UnknownNames', () => {
  const error = expect.any(UnknownJobError);

  it.each([
    [0, 1],
    [1, 1],
    [900, 1],
    [10 * SECOND, 10],
    [299 * SECOND, 299],
    [HOUR, 300],
    [DAY - 1, 300],
  ])('releases a job whose name was unknown for %d ms, for %d s', (unknownFor, delay) => {
    const names = new UnknownNames(new RecordingLogger());
    expect(decide(names, unknownFor)).toEqual({ kind: 'unknown', error, delay });
  });

  it.each([DAY, 2 * DAY])('fails a job whose name was unknown for %d ms', (unknownFor) => {
    const names = new UnknownNames(new RecordingLogger());
    expect(decide(names, unknownFor)).toEqual({ kind: 'failed', error });
  });

  it('releases a job less than 300 times in its day', () => {
    const names = new UnknownNames(new RecordingLogger());
    let times = 0;
    for (let unknownFor = 0; ; times++) {
      const outcome = decide(names, unknownFor);
      if (outcome?.kind !== 'unknown') break;
      unknownFor += outcome.delay * 1000;
    }
    expect(times).toBeGreaterThan(10);
    expect(times).toBeLessThan(300);
  });

  it('admits a job if its name is known', () => {
    const names = new UnknownNames(new RecordingLogger());
    expect(names.stage({ registered: testJob('SendEmailJob', {}) } as Attempt)).toBeUndefined();
  });

  it('warns once for each name', () => {
    const logger = new RecordingLogger();
    const names = new UnknownNames(logger);
    for (const name of ['One', 'Two', 'One', 'Two', 'One']) decide(names, 0, name);
    expect(logger.of('warn')).toEqual([expect.stringContaining('"One"'), expect.stringContaining('"Two"')]);
  });
});
