import { describe, expect, it } from '@jest/globals';
import { WorkerScene } from './scene.js';
import { bothStages } from './stage.js';

describe.each(bothStages())('checkpoints on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);

  it('let the next attempt go on where the last one was', async () => {
    const done: number[] = [];
    const seen: unknown[] = [];
    scene.define({
      Import: {
        handle: async (_data, job) => {
          seen.push(job.checkpointed);
          const first = (job.checkpointed as { next: number } | undefined)?.next ?? 0;
          for (let row = first; row < 6; row++) {
            if (row === 3 && job.attempt === 1) throw new Error('no luck');
            done.push(row);
            await job.checkpoint({ next: row + 1 });
          }
        },
        options: { maxTries: 2, retryDelay: 0 },
      },
    });
    const id = await scene.push('Import');
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect(done).toEqual([0, 1, 2, 3, 4, 5]);
    expect(seen).toEqual([undefined, { next: 3 }]);
    expect((await scene.status(id))?.state).toBe('completed');
  });

  it('that nobody waits for are stored with the end of the attempt', async () => {
    const seen: unknown[] = [];
    scene.define({
      Step: {
        handle: (_data, job) => {
          seen.push(job.checkpointed);
          for (let each = 0; each < 5; each++) void job.checkpoint([job.checkpointed ?? null, each]);
          if (seen.length < 3) job.release(0);
        },
      },
    });
    await scene.push('Step');
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect(seen).toEqual([undefined, [null, 4], [[null, 4], 4]]);
  });

  it('throw at once for a value that cannot be stored', async () => {
    scene.define({ Wrong: { handle: (_data, job) => void job.checkpoint(() => 1), options: { maxTries: 1 } } });
    const id = await scene.push('Wrong');
    await (await scene.worker()).run({ stopWhenEmpty: true });
    expect((await scene.status(id))?.error).toContain(
      'Option "checkpoint": expected a value that the serializer can store, of at most 262144 bytes, got function',
    );
  });
});
