import { describe, expect, it } from '@jest/globals';
import { CorruptJobError, UnknownJobError } from '../../../../lib/queue.errors.js';
import { recordOf } from '../../../support/jobs.js';
import { thrower } from '../../../support/thrower.js';
import { ExecutorScene } from './scene.js';

const DAY = 86_400_000;
const stranger = recordOf('StrangerJob', { secret: 1 });

describe('JobExecutor: records', () => {
  it.each([
    ['nothing', ''],
    ['no header', 'SendEmailJob'],
    ['an unknown form', 'xSendEmailJob\n{}'],
    ['no name', 'h\n{}'],
    ['options that are no JSON', 'hSendEmailJob\t{m:\n{}'],
    ['options that are null', 'hSendEmailJob\tnull\n{}'],
  ])('fail the job for good where they hold %s', async (_name, body) => {
    const scene = new ExecutorScene({ handle: thrower('it was called'), failed: thrower('it was called') });
    expect(await scene.run({ body })).toEqual({ kind: 'failed', error: expect.any(CorruptJobError) });
    expect(scene.logger.of('error')).toEqual([expect.stringContaining('Job a cannot be read')]);
  });

  it('fail the job for good where their data cannot be read', async () => {
    const scene = new ExecutorScene({ handle: thrower('it was called'), failed: thrower('it was called') });
    const outcome = await scene.run({ body: 'hSendEmailJob\n{"to":"ada@example.org' });
    expect(outcome).toEqual({ kind: 'failed', error: expect.any(CorruptJobError) });
    expect(scene.logger.of('error')).toEqual([expect.stringContaining('its data is not readable')]);
    expect(scene.logger.text).not.toContain('ada@example.org');
  });

  it('fail the job for good where a serializer of the application cannot read them', async () => {
    const serializer = { serialize: () => '', deserialize: thrower('not mine') };
    expect(await new ExecutorScene({}, { serializer }).run()).toMatchObject({ kind: 'failed' });
  });

  it('put the job back where nobody knows its name, and say so once', async () => {
    const scene = new ExecutorScene({ handle: thrower('it was called') });
    const outcome = { kind: 'unknown', error: expect.any(UnknownJobError), delay: 1 };
    expect(await scene.run({ body: stranger })).toEqual(outcome);
    expect(await scene.run({ body: stranger })).toEqual(outcome);
    expect(scene.logger.of('warn')).toEqual([expect.stringContaining('"StrangerJob"')]);
  });

  it('fail the job, and say so, where nobody knew its name for a day', async () => {
    const scene = new ExecutorScene({});
    expect(await scene.run({ body: stranger, unknownFor: DAY })).toEqual({
      kind: 'failed',
      error: expect.any(UnknownJobError),
    });
    expect(scene.logger.of('error')).toEqual([expect.stringContaining('failed for good: No job class')]);
  });

  it('tell the name of the job, once they were read', async () => {
    const scene = new ExecutorScene({});
    const attempts = [scene.begin(), scene.begin({ body: stranger }), scene.begin({ body: 'nonsense' })];
    for (const attempt of attempts) await scene.execute(attempt);
    expect(attempts.map(({ name }) => name)).toEqual(['SendEmailJob', 'StrangerJob', '']);
  });
});
