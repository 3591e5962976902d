import { describe, expect, it } from '@jest/globals';
import { trackAttempts } from '../../../../lib/support/attempt-tracker.js';
import { thrower } from '../../../support/thrower.js';
import { ExecutorScene, NAME } from './scene.js';

const uncaught = new Error('nobody caught this');
const hang = (): Promise<void> => new Promise(() => {});

describe('TrackedExecutor: an attempt', () => {
  const tracker = trackAttempts();

  it('is known in the asynchronous context of its handler, and in no other', async () => {
    const seen: unknown[] = [];
    const scene = new ExecutorScene({
      handle: async () => {
        await Promise.resolve();
        const attempt = tracker.getStore();
        seen.push([attempt?.name, attempt?.id, attempt?.queue]);
      },
    });
    await Promise.all([scene.run({ id: 'a' }), scene.run({ id: 'b' })]);
    expect(seen).toEqual([
      [NAME, 'a', 'mail'],
      [NAME, 'b', 'mail'],
    ]);
    expect(tracker.getStore()).toBeUndefined();
  });

  it('ends as without a tracker if nobody fails it', async () => {
    expect(await new ExecutorScene({ handle: () => 1 }).run()).toEqual({ kind: 'completed' });
    expect(await new ExecutorScene({ handle: () => Promise.resolve(1) }).run()).toEqual({ kind: 'completed' });
    expect(await new ExecutorScene({ handle: thrower(uncaught) }).run()).toMatchObject({ error: uncaught });
    expect(await new ExecutorScene({ handle: () => Promise.reject(uncaught) }).run()).toMatchObject({
      kind: 'retrying',
      error: uncaught,
    });
  });

  it.each([
    ['', {}],
    [' and has a timeout', { timeout: 60 }],
  ])('is retried if it is failed while its handler runs%s', async (_case, options) => {
    const answers: unknown[] = [];
    const scene = new ExecutorScene({
      handle: () => {
        setImmediate(() => answers.push(tracker.getStore()?.fail(uncaught)));
        return hang();
      },
    });
    const outcome = scene.run({ options });
    expect(await outcome).toEqual({ kind: 'retrying', error: uncaught, delay: 60 });
    expect(answers).toEqual([true]);
  });

  it('of an item of a chunk is retried if the code of the call fails it', async () => {
    const seen: unknown[] = [];
    const scene = new ExecutorScene({
      options: { chunk: { size: 10, wait: 0 } },
      handleChunk: () => {
        setImmediate(() => {
          const call = tracker.getStore()!;
          seen.push([call.id, call.name, call.queue, call.fail(uncaught), call.fail(uncaught)]);
        });
        return hang();
      },
    });
    expect(await scene.run({ id: 'a' })).toEqual({ kind: 'retrying', error: uncaught, delay: 60 });
    expect(seen).toEqual([['a', NAME, 'mail', true, false]]);
  });

  it('ends if it is failed while its failed() runs', async () => {
    const scene = new ExecutorScene({
      handle: thrower(new Error('no luck')),
      failed: () => {
        setImmediate(() => tracker.getStore()?.fail(uncaught));
        return hang();
      },
    });
    expect(await scene.run({ attempt: 3 })).toMatchObject({ kind: 'failed', error: new Error('no luck') });
    expect(scene.logger.of('error').join('\n')).toContain('failed() of SendEmailJob a threw: nobody caught this');
  });

  it.each([
    ['returned', () => undefined],
    ['resolved', () => Promise.resolve()],
  ])('cannot be failed after its handler has %s', async (_case, end) => {
    let attempt: ReturnType<typeof tracker.getStore>;
    const scene = new ExecutorScene({
      handle: () => {
        attempt = tracker.getStore();
        return end();
      },
    });
    expect(await scene.run()).toEqual({ kind: 'completed' });
    expect(attempt?.fail(uncaught)).toBe(false);
  });
});
