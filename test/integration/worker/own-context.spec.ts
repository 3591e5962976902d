import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from '@jest/globals';
import { QueueEvents } from '../../../lib/events/queue-events.js';
import { Recorder } from '../../support/recorder.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { WorkerScene } from './scene.js';
import { bothStages } from './stage.js';

const tenant = new AsyncLocalStorage<string>();

describe.each(bothStages())('the asynchronous context of a job (%s)', (_, stage) => {
  const scene = new WorkerScene(stage);
  const settings = { worker: { concurrency: 1 }, jobs: { maxTries: 1 } };

  /** Defines a job that enters a context, one that reads it, and one that fails after it has entered a context. */
  function defineJobs(): Recorder<string | undefined> {
    const seen = new Recorder<string | undefined>();
    const note = (): void => seen.add(tenant.getStore());
    scene.define({
      Enter: { handle: (name: string) => tenant.enterWith(name) },
      EnterLater: {
        handle: async (name: string) => {
          tenant.enterWith(name);
          await Promise.resolve();
          expect(tenant.getStore()).toBe(name);
        },
      },
      Fail: {
        handle: async (name: string) => {
          tenant.enterWith(name);
          await Promise.resolve();
          throw new Error('no luck');
        },
        failed: () => {
          note();
          tenant.enterWith('failed');
        },
      },
      Read: { handle: note },
    });
    return seen;
  }

  test('ends with the attempt, whether handle or failed() entered it', async () => {
    const seen = defineJobs();
    for (const name of ['Enter', 'Read', 'EnterLater', 'Read', 'Fail', 'Read']) await scene.push(name, name);
    const worker = await scene.worker(settings);
    worker.start();
    expect(await seen.has(4)).toEqual([undefined, undefined, 'Fail', undefined]);
  });

  test('is not the one in which the worker was started', async () => {
    const seen = defineJobs();
    const worker = await scene.worker(settings);
    tenant.run('request', () => worker.start());
    await scene.push('Read');
    await seen.has(1);
    await tenant.run('another request', () => scene.push('Read'));
    expect(await seen.has(2)).toEqual([undefined, undefined]);
  });

  test('is not the one of the caller of runOnce() or run(), who keeps it', async () => {
    const seen = defineJobs();
    const worker = await scene.worker(settings);
    await tenant.run('test', async () => {
      await scene.push('Enter', 'job');
      await worker.runOnce();
      await scene.push('Read');
      await worker.run({ stopWhenEmpty: true });
      expect(tenant.getStore()).toBe('test');
    });
    expect(seen.items).toEqual([undefined]);
  });

  test('is the one in which the worker was made', async () => {
    const seen = defineJobs();
    const worker = await tenant.run('application', () => scene.worker(settings));
    await scene.push('Enter', 'job');
    await scene.push('Read');
    worker.start();
    expect(await seen.has(1)).toEqual(['application']);
  });

  test('is entered neither by listeners of events nor by subscribers of reports$, who have one of their own', async () => {
    const seen = defineJobs();
    const events = new QueueEvents(new RecordingLogger());
    const heard: unknown[] = [];
    for (const type of ['worker-started', 'started', 'completed'] as const) {
      events.on(type, () => {
        heard.push(tenant.getStore());
        tenant.enterWith(type);
      });
    }
    const worker = await scene.worker({ ...settings, events });
    worker.reports$.subscribe(() => {
      heard.push(tenant.getStore());
      tenant.enterWith('report');
    });
    for (const name of ['Enter', 'Read', 'Read']) await scene.push(name, name);
    await worker.run({ stopWhenEmpty: true });
    expect(seen.items).toEqual([undefined, undefined]);
    expect(heard).toEqual(Array.from({ length: 10 }, () => undefined));
  });
});
