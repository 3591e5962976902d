import { describe, expect, it } from '@jest/globals';
import type { StoredJob } from '../../../lib/drivers/queue-lists.interface.js';
import { JobCodec } from '../../../lib/job/job-codec.js';
import { DetailsMaker } from '../../../lib/lists/details-maker.js';
import { resolveOptions } from '../../../lib/options/options.resolver.js';
import { readProgress } from '../../../lib/progress/progress.js';
import { ResultCodec } from '../../../lib/results/result-codec.js';

describe('DetailsMaker', () => {
  const options = resolveOptions({ driver: 'array' });
  const maker = new DetailsMaker({
    codec: new JobCodec(options),
    results: new ResultCodec(options),
    readProgress,
    maxTriesOf: () => undefined,
  });
  const stored: StoredJob = {
    id: 'a',
    queue: 'mail',
    state: 'processing',
    body: 'hMail\n1',
    attempt: 1,
    pushedAt: 5,
    failures: [],
  };

  it('tells the progress of a job', () => {
    expect(maker.make({ ...stored, progress: '50' })).toMatchObject({ data: 1, progress: 50 });
  });

  it('tells the log of a job that has one', () => {
    expect(maker.make({ ...stored, logs: ['one', 'two'] }).logs).toEqual(['one', 'two']);
    expect(maker.make(stored)).not.toHaveProperty('logs');
  });

  it('leaves out progress that another program has written, and tells the rest', () => {
    const details = maker.make({ ...stored, progress: '{half' });
    expect(details).toMatchObject({ id: 'a', data: 1 });
    expect(details).not.toHaveProperty('progress');
  });

  it('says why data and a result cannot be read', () => {
    const details = maker.make({ ...stored, body: 'hMail\n{half', result: '{half' });
    expect(details).toMatchObject({ name: 'Mail', dataError: expect.any(String), resultError: expect.any(String) });
  });
});
