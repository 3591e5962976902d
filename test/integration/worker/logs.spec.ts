import { describe, expect, it } from '@jest/globals';
import type { QueueDriver } from '../../../lib/drivers/queue-driver.interface.js';
import { eventually } from '../../support/eventually.js';
import { QUEUE, WorkerScene } from './scene.js';
import { bothStages } from './stage.js';

describe.each(bothStages())('the log of a job on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);
  const logsOf = async (id: string) => (await scene.driver.lists.find(id, [QUEUE]))?.logs;

  it('is told while the job runs, and after its end', async () => {
    const seen: unknown[] = [];
    scene.define({
      Import: {
        handle: async (_data, job) => {
          await job.log('it begins');
          await stage.pass(0.1);
          await eventually(async () => (await logsOf(job.id)) !== undefined);
          seen.push(await logsOf(job.id));
          for (let row = 1; row <= 3; row++) await job.log(`row ${row}`);
        },
      },
    });
    const id = await scene.push('Import');
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect(seen).toEqual([['it begins']]);
    expect(await logsOf(id)).toEqual(['it begins', 'row 1', 'row 2', 'row 3']);
  });

  it('of quick jobs is written with their ends alone', async () => {
    const notes: string[] = [];
    const wrap = (driver: QueueDriver): QueueDriver => {
      const { consume } = driver;
      driver.consume = (...args) => {
        const consumer = consume.apply(driver, args);
        const { note } = consumer;
        consumer.note = (...told) => {
          notes.push(told[0]);
          return note.apply(consumer, told);
        };
        return consumer;
      };
      return driver;
    };
    scene.define({ Quick: { handle: (_data, job) => void job.log('done') } });
    const id = await scene.push('Quick');
    await (await scene.worker({ wrap })).run({ stopWhenEmpty: true });
    expect(await logsOf(id)).toEqual(['done']);
    expect(notes).toEqual([]);
  });

  it('has the lines of all attempts, of failed(), and those that nobody waits for, each once', async () => {
    scene.define({
      Unlucky: {
        handle: (_data, job) => {
          for (const word of ['one', 'two']) void job.log(`${word} of ${job.attempt}`);
          throw new Error('no luck');
        },
        failed: (_error, _data, job) => void job.log('the end'),
        options: { maxTries: 2, retryDelay: 0 },
      },
    });
    const id = await scene.push('Unlucky');
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect((await scene.status(id))?.state).toBe('failed');
    expect(await logsOf(id)).toEqual(['one of 1', 'two of 1', 'one of 2', 'two of 2', 'the end']);
  });

  it('has the lines of cancelled()', async () => {
    scene.define({
      Cancelled: {
        handle: async (_data, job) => {
          void job.log('it runs');
          const stopped = new Promise((resolve) => job.signal.addEventListener('abort', resolve));
          await scene.driver.cancellations.cancel(job.id);
          await stopped;
          job.signal.throwIfAborted();
        },
        cancelled: (_reason, _data, job) => void job.log('it was cancelled'),
      },
    });
    const id = await scene.push('Cancelled');
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect((await scene.status(id))?.state).toBe('cancelled');
    expect(await logsOf(id)).toEqual(['it runs', 'it was cancelled']);
  });

  it('has the last 100 lines, however fast they come', async () => {
    scene.define({
      Chatty: {
        handle: (_data, job) => {
          for (let line = 1; line <= 10_000; line++) void job.log(`line ${line}`);
        },
      },
    });
    const id = await scene.push('Chatty');
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect(await logsOf(id)).toEqual(Array.from({ length: 100 }, (_, i) => `line ${9_901 + i}`));
  });

  it('takes texts only, and says so at once', async () => {
    scene.define({
      Wrong: { handle: (_data, job) => void job.log({ row: 1 } as unknown as string), options: { maxTries: 1 } },
    });
    const id = await scene.push('Wrong');
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect((await scene.status(id))?.error).toContain('Option "log": expected a line of text, got an object');
  });
});
