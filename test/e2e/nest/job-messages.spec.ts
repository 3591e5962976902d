import { afterEach, describe, expect, test } from '@jest/globals';
import { Module } from '@nestjs/common';
import { DuplicateJobError, Job, QueueModule, type JobClass } from 'nestjs-job-queue';
import { closeQueueApps, startQueueApp } from './queue-app.js';

afterEach(closeQueueApps);

const [FirstEmailJob, OtherEmailJob] = [
  ((): JobClass => {
    @Job()
    class SendEmailJob {
      handle(): void {}
    }
    return SendEmailJob;
  })(),
  ((): JobClass => {
    @Job()
    class SendEmailJob {
      handle(): void {}
    }
    return SendEmailJob;
  })(),
] as const;

function makeJob(): JobClass {
  @Job()
  class MadeJob {
    handle(): void {}
  }
  return MadeJob;
}

const lists: [string, (...types: JobClass[]) => Parameters<typeof startQueueApp>[0]][] = [
  ['providers', (...providers) => ({ providers })],
  ['forFeature()', (...types) => ({ imports: [QueueModule.forFeature(types)] })],
];

describe.each(lists)('two job classes of one name in %s', (_, list) => {
  test('stop the start with the file and line of each', async () => {
    const start = startQueueApp(list(FirstEmailJob, OtherEmailJob));
    await expect(start).rejects.toThrow(DuplicateJobError);
    await expect(start).rejects.toThrow(
      /^Two job classes have the name "SendEmailJob": SendEmailJob \(RootTestModule\), .*job-messages\.spec\.ts:\d+:\d+ and SendEmailJob \(RootTestModule\), .*job-messages\.spec\.ts:\d+:\d+\. Give one/,
    );
    const { message } = await start.then(
      () => new Error('started'),
      (error: Error) => error,
    );
    const lines = [...message.matchAll(/spec\.ts:(\d+):/g)].map(([, line]) => line);
    expect(new Set(lines).size).toBe(2);
  });

  test('that one function makes stop the start with that reason', async () => {
    await expect(startQueueApp(list(makeJob(), makeJob()))).rejects.toThrow(
      /A function makes the class twice, or its file is loaded twice\. Give one/,
    );
  });
});

test('two job classes of one name in two modules stop the start with both modules', async () => {
  @Module({ providers: [FirstEmailJob] })
  class MailModule {}
  @Module({ providers: [OtherEmailJob] })
  class NewsModule {}
  await expect(startQueueApp({ imports: [MailModule, NewsModule] })).rejects.toThrow(
    /SendEmailJob \(MailModule\), .* and SendEmailJob \(NewsModule\), /,
  );
});

test('a name in a list of jobs is refused with what to write', async () => {
  const { queue } = await startQueueApp({ providers: [FirstEmailJob] });
  await expect(queue.pushMany(['SendEmailJob' as never])).rejects.toThrow(
    'Not a job: expected a job that carries its data or a jobSpec(), got the name "SendEmailJob": write jobSpec("SendEmailJob", data)',
  );
});

test('push() of undefined is refused with the reason', async () => {
  const { queue } = await startQueueApp({ providers: [FirstEmailJob] });
  await expect(queue.push(undefined as never)).rejects.toThrow(/got undefined \(a circular import\?\)/);
});
