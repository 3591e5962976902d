import { describe, expect, it } from '@jest/globals';
import type { ClaimedJob } from '../../../lib/drivers/queue-driver.interface.js';
import { UnknownJobError } from '../../../lib/queue.errors.js';
import { UnknownJobs } from '../../../lib/worker/unknown-jobs.js';
import { RecordingLogger } from '../../support/recording-logger.js';

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const DAY = 24 * HOUR;

function claimed(unknownFor: number): ClaimedJob {
  return { id: 'a', body: '', pushedAt: 0, fence: 1, attempt: 1, crashes: 0, unknownFor };
}

describe('UnknownJobs', () => {
  const error = expect.any(UnknownJobError);

  it.each([
    [0, 1],
    [1, 1],
    [900, 1],
    [10 * SECOND, 10],
    [299 * SECOND, 299],
    [HOUR, 300],
    [DAY - 1, 300],
  ])('releases a job that was unknown for %d ms with a delay of %d s', (unknownFor, delay) => {
    const jobs = new UnknownJobs(new RecordingLogger());
    expect(jobs.decide(claimed(unknownFor), 'StrangerJob')).toEqual({ kind: 'unknown', error, delay });
  });

  it.each([DAY, 2 * DAY])('fails a job that was unknown for %d ms', (unknownFor) => {
    const jobs = new UnknownJobs(new RecordingLogger());
    expect(jobs.decide(claimed(unknownFor), 'StrangerJob')).toEqual({ kind: 'failed', error });
  });

  it('releases a job fewer than 300 times in a day', () => {
    const jobs = new UnknownJobs(new RecordingLogger());
    let times = 0;
    for (let unknownFor = 0; ; times++) {
      const outcome = jobs.decide(claimed(unknownFor), 'StrangerJob');
      if (outcome.kind !== 'unknown') break;
      unknownFor += outcome.delay * 1000;
    }
    expect(times).toBeGreaterThan(10);
    expect(times).toBeLessThan(300);
  });

  it('logs one warning for each name', () => {
    const logger = new RecordingLogger();
    const jobs = new UnknownJobs(logger);
    for (const name of ['One', 'Two', 'One', 'Two', 'One']) jobs.decide(claimed(0), name);
    expect(logger.of('warn')).toEqual([expect.stringContaining('"One"'), expect.stringContaining('"Two"')]);
  });
});
