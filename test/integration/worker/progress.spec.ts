import { describe, expect, it } from '@jest/globals';
import { QueueEvents } from '../../../lib/events/queue-events.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { WorkerScene } from './scene.js';
import { bothStages } from './stage.js';

describe.each(bothStages())('progress on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);
  const progressOf = async (id: string) => (await scene.status(id))?.progress;

  it('is told while the job runs, and its last value after the end', async () => {
    const seen: (string | undefined)[] = [];
    scene.define({
      Import: {
        handle: async (_data, job) => {
          await job.progress(10);
          seen.push(await progressOf(job.id));
          for (let percent = 11; percent <= 99; percent++) await job.progress(percent);
        },
      },
    });
    const id = await scene.push('Import');
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect(seen).toEqual(['10']);
    expect(await scene.status(id)).toMatchObject({ state: 'completed', progress: '99' });
  });

  it('is stored with each end of an attempt, and by failed()', async () => {
    scene.define({
      Unlucky: {
        handle: (_data, job) => {
          void job.progress(50);
          throw new Error('no luck');
        },
        failed: (_error, _data, job) => void job.progress({ at: 'the end' }),
        options: { maxTries: 1 },
      },
    });
    const id = await scene.push('Unlucky');
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect(await scene.status(id)).toMatchObject({ state: 'failed', progress: '{"at":"the end"}' });
  });

  it('throws at once for a wrong value, also without await', async () => {
    scene.define({ Wrong: { handle: (_data, job) => void job.progress(101), options: { maxTries: 1 } } });
    const id = await scene.push('Wrong');
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect((await scene.status(id))?.error).toContain('Option "progress": expected a number from 0 to 100');
  });

  it('is an event each time it is stored, with the last value', async () => {
    const events = new QueueEvents(new RecordingLogger());
    const heard: unknown[] = [];
    events.on('progress', ({ id, name, attempt, progress }) => heard.push({ id, name, attempt, progress }));
    scene.define({
      Import: {
        handle: async (_data, job) => {
          for (const percent of [1, 2, 3]) await job.progress(percent);
        },
      },
    });
    const id = await scene.push('Import');
    await (await scene.worker({ events })).run({ stopWhenEmpty: true });
    expect(heard).toEqual([
      { id, name: 'Import', attempt: 1, progress: 1 },
      { id, name: 'Import', attempt: 1, progress: 3 },
    ]);
  });
});
