import { describe, expect, it } from '@jest/globals';
import { MissingCodecs } from '../../../lib/codecs/missing-codecs.js';
import type { Attempt } from '../../../lib/middleware/job-stage.js';
import { JobCancelledError, UnknownCodecError } from '../../../lib/queue.errors.js';
import { RecordingLogger } from '../../support/recording-logger.js';

const DAYS = 86_400_000;

function decide(codecs: MissingCodecs, changes: object = {}, unknownFor = 0) {
  const job = { id: 'a', attempt: 1, crashes: 0, unknownFor };
  return codecs.stage({ record: {}, job, ...changes } as Attempt);
}

describe('MissingCodecs', () => {
  const error = expect.any(UnknownCodecError);

  it('admits a job of which nothing is missing', () => {
    expect(decide(new MissingCodecs({ lacks: () => undefined }, new RecordingLogger()))).toBeUndefined();
  });

  it.each([
    [0, 1],
    [10_000, 10],
    [5 * DAYS, 300],
  ])('puts a job back that was unreadable for %d ms, for %d s, and never fails it', (unknownFor, delay) => {
    const codecs = new MissingCodecs({ lacks: () => 'a key "b"' }, new RecordingLogger());
    expect(decide(codecs, {}, unknownFor)).toEqual({ kind: 'unknown', error, delay });
  });

  it('warns once of what is missing', () => {
    const logger = new RecordingLogger();
    let missing = 'a key "one"';
    const codecs = new MissingCodecs({ lacks: () => missing }, logger);
    decide(codecs);
    decide(codecs);
    missing = 'a key "two"';
    decide(codecs);
    expect(logger.of('warn')).toEqual([expect.stringContaining('"one"'), expect.stringContaining('"two"')]);
  });

  it('ends a cancelled job that has not run, and puts one back that may have run', () => {
    const codecs = new MissingCodecs({ lacks: () => 'a key "b"' }, new RecordingLogger());
    const rejection = new JobCancelledError('a', undefined);
    expect(decide(codecs, { rejection })).toEqual({ kind: 'cancelled', error: rejection, hasRun: false });
    const job = { attempt: 2, crashes: 0, unknownFor: 0 };
    expect(decide(codecs, { rejection, job })).toEqual({ kind: 'unknown', error, delay: 1 });
  });
});
