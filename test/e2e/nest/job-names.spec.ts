import { afterEach, describe, expect, test } from '@jest/globals';
import { mixin } from '@nestjs/common';
import { InvalidJobError, Job, JobRegistry, QueueModule, type JobClass } from 'nestjs-job-queue';
import { closeQueueApps, startQueueApp } from './queue-app.js';

afterEach(closeQueueApps);

/** Makes a job class as a tool leaves it: under another name. */
function named(name: string, options?: Parameters<typeof Job>[0]): JobClass<{ handle(): void }> {
  const type = class {
    handle(): void {}
  };
  Object.defineProperty(type, 'name', { value: name });
  Job(options)(type);
  return type;
}

const listed: [string, (type: JobClass) => Parameters<typeof startQueueApp>[0]][] = [
  ['providers', (type) => ({ providers: [type] })],
  ['a provider with another token', (type) => ({ providers: [{ provide: 'job', useClass: type }] })],
  ['forFeature()', (type) => ({ imports: [QueueModule.forFeature([type])] })],
];

describe.each(listed)('a job class in %s', (_, module) => {
  test.each(['e', 'Ab', '', 'default_1', '_class'])('with the name %j stops the start', async (name) => {
    for (const options of [{}, { worker: false }] as const) {
      const start = startQueueApp(module(named(name)), options);
      await expect(start).rejects.toThrow(InvalidJobError);
      await expect(start).rejects.toThrow(
        /\(RootTestModule\).*its name seems to be made by a tool.*@Job\(\{ name: '...' \}\)/,
      );
    }
  });

  test('that mixin() made stops the start', async () => {
    const type = named('MixinJob');
    await expect(startQueueApp(module(mixin(type)))).rejects.toThrow(/Job class "[0-9a-f]{21}"/);
  });

  test.each([{ name: 'send-email' }, { name: 'e' }, 'short'])('with the given name %j is registered', async (given) => {
    const { app } = await startQueueApp(module(named('e', given)));
    expect(app.get(JobRegistry).names()).toEqual([typeof given === 'string' ? given : given.name]);
  });
});
