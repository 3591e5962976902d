import { describe, expect, it } from '@jest/globals';
import { CorruptJobError, UnknownJobError } from '../../../../lib/queue.errors.js';
import { recordOf } from '../../../support/jobs.js';
import { thrower } from '../../../support/thrower.js';
import { ExecutorScene } from './scene.js';

const DAY = 86_400_000;
const stranger = recordOf('StrangerJob', { secret: 1 });

describe('JobExecutor: the record of a job', () => {
  it.each([
    ['nothing', ''],
    ['no header', 'SendEmailJob'],
    ['an unknown form', 'xSendEmailJob\n{}'],
    ['no name', 'h\n{}'],
    ['options that are no JSON', 'hSendEmailJob\t{m:\n{}'],
    ['options that are null', 'hSendEmailJob\tnull\n{}'],
  ])('fails the job for good if it contains %s', async (_name, body) => {
    const scene = new ExecutorScene({ handle: thrower('it was called'), failed: thrower('it was called') });
    expect(await scene.run({ body })).toEqual({ kind: 'failed', error: expect.any(CorruptJobError) });
    expect(scene.logger.of('error')).toEqual([expect.stringContaining('Job a cannot be read')]);
  });

  it('fails the job for good if its data cannot be read', async () => {
    const scene = new ExecutorScene({ handle: thrower('it was called'), failed: thrower('it was called') });
    const outcome = await scene.run({ body: 'hSendEmailJob\n{"to":"ada@example.org' });
    expect(outcome).toEqual({ kind: 'failed', error: expect.any(CorruptJobError) });
    expect(scene.logger.of('error')).toEqual([expect.stringContaining('its data is not readable')]);
    expect(scene.logger.text).not.toContain('ada@example.org');
  });

  it('fails the job for good if the serializer of the application throws', async () => {
    const serializer = { serialize: () => '', deserialize: thrower('not mine') };
    expect(await new ExecutorScene({}, { serializer }).run()).toMatchObject({ kind: 'failed' });
  });

  it('puts the job back if its name has no registered class, and the log warns once', async () => {
    const scene = new ExecutorScene({ handle: thrower('it was called') });
    const outcome = { kind: 'unknown', error: expect.any(UnknownJobError), delay: 1 };
    expect(await scene.run({ body: stranger })).toEqual(outcome);
    expect(await scene.run({ body: stranger })).toEqual(outcome);
    expect(scene.logger.of('warn')).toEqual([expect.stringContaining('"StrangerJob"')]);
  });

  it('fails the job with a logged error if its name was unknown for a day', async () => {
    const scene = new ExecutorScene({});
    expect(await scene.run({ body: stranger, unknownFor: DAY })).toEqual({
      kind: 'failed',
      error: expect.any(UnknownJobError),
    });
    expect(scene.logger.of('error')).toEqual([expect.stringContaining('failed for good: No job class')]);
  });

  it('gives the attempt the name of the job if it can be read', async () => {
    const scene = new ExecutorScene({});
    const attempts = [scene.begin(), scene.begin({ body: stranger }), scene.begin({ body: 'nonsense' })];
    for (const attempt of attempts) await scene.execute(attempt);
    expect(attempts.map(({ name }) => name)).toEqual(['SendEmailJob', 'StrangerJob', '']);
  });
});
