import { describe, expect, it } from '@jest/globals';
import type { Attempt } from '../../../lib/middleware/job-stage.js';
import { UnknownVersionError } from '../../../lib/queue.errors.js';
import { NewerVersions } from '../../../lib/versions/newer-versions.js';
import { testJob } from '../../support/jobs.js';
import { RecordingLogger } from '../../support/recording-logger.js';

const DAY = 86_400_000;

function decide(stored: number | undefined, known: number | undefined, unknownFor = 0, logger = new RecordingLogger()) {
  const registered = { ...testJob('Mail', {}), options: { version: known } };
  const job = { id: 'a', attempt: 1, crashes: 0, unknownFor };
  return new NewerVersions(logger).stage({
    record: { options: { version: stored } },
    registered,
    job,
    name: 'Mail',
  } as unknown as Attempt);
}

describe('NewerVersions', () => {
  it.each([
    [undefined, undefined],
    [1, undefined],
    [undefined, 1],
    [1, 2],
    [2, 2],
    [undefined, 3],
  ])('admits data of version %p where %p is known', (stored, known) => {
    expect(decide(stored, known)).toBeUndefined();
  });

  it.each([
    [2, undefined],
    [3, 2],
  ])('puts data of version %p back where %p is known, and fails it after a day', (stored, known) => {
    const error = expect.any(UnknownVersionError);
    expect(decide(stored, known)).toEqual({ kind: 'unknown', error, delay: 1 });
    expect(decide(stored, known, DAY - 1)).toEqual({ kind: 'unknown', error, delay: 300 });
    expect(decide(stored, known, DAY)).toEqual({ kind: 'failed', error });
  });

  it('says which version it does not know', () => {
    const logger = new RecordingLogger();
    decide(3, 2, 0, logger);
    expect(logger.of('warn')).toEqual([
      'The data of job Mail is of version 3, and this process knows 2: such jobs are released for other workers, and fail after a day',
    ]);
  });

  it('leaves a job with an unknown name alone', () => {
    const record = { options: { version: 9 } };
    const stage = new NewerVersions(new RecordingLogger()).stage;
    expect(stage({ record, registered: undefined } as Attempt)).toBeUndefined();
  });
});
