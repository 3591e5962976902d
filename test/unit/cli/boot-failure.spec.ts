import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { explainBootFailure, noQueueError } from '../../../lib/cli/boot-failure.js';
import { CommandError } from '../../../lib/cli/command-error.js';

class AppModule {}

describe('explainBootFailure', () => {
  const loaded = { module: AppModule, path: '/app/dist/app.module.js' };
  const missing = (dependency: unknown) =>
    Object.assign(new Error('unknown dependency'), { context: { index: 0, dependencies: [dependency] } });

  test('names another copy of Nest if a class of Nest itself is missing', () => {
    const error = explainBootFailure(missing(class Reflector2 {}), loaded);
    expect(error).toBeInstanceOf(CommandError);
    expect((error as Error).message).toMatch(/^AppModule \(.*\) holds another copy of Nest .*Reflector2.*--module\.$/);
  });

  test.each([
    ['another dependency', missing(class MailerService {})],
    ['a token that is no class', missing('MAILER')],
    ['another error', new Error('the database is away')],
    ['a value that is no error', 5],
  ])('returns the error itself for %s', (_case, error) => {
    expect(explainBootFailure(error, loaded)).toBe(error);
  });
});

describe('noQueueError', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'nestjs-job-queue-boot-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test.each([
    ['class AppModule {}', /has no queue: add QueueModule\.forRoot\(\)/],
    ['Symbol.for("nestjs-job-queue:ResolvedQueueOptions")', /holds another copy of nestjs-job-queue, of a version/],
  ])('reads from the file %j what is wrong', async (text, message) => {
    const path = join(folder, 'bundle.js');
    await writeFile(path, text);
    expect(noQueueError({ module: AppModule, path }, undefined).message).toMatch(message);
  });
});
