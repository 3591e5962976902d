import { describe, expect, it } from '@jest/globals';
import type { QueueDriver } from '../../../lib/drivers/queue-driver.interface.js';
import { deferred } from '../../support/deferred.js';
import { eventually } from '../../support/eventually.js';
import { forgetful } from '../../support/forgetful-driver.js';
import { quiet } from '../../support/quiet.js';
import { tapped } from '../../support/tapped-driver.js';
import { WorkerScene } from './scene.js';
import { SlowAnswers } from './slow-answers.js';
import { ArrayStage } from './stage.js';

const MANY = Array.from({ length: 300 }, (_, i) => `queue-${i}`);

describe('a worker of many queues', () => {
  const stage = new ArrayStage();
  const scene = new WorkerScene(stage);
  const defineFor = (queues: readonly string[], handle: (queue: string) => unknown): void => {
    for (const queue of queues) {
      scene.define({ [`For-${queue}`]: { handle: (_data, job) => handle(job.queue), options: { queue } } });
    }
  };

  /** Notes the polls, and holds their replies until `open` is called. */
  function watchPolls() {
    const held = deferred();
    const polls: { readonly queue: string; readonly limit: number }[] = [];
    const wrap = (driver: QueueDriver): QueueDriver =>
      tapped(driver, async ({ queue, request, send }) => {
        polls.push({ queue, limit: request.limit });
        await held.promise;
        return send();
      });
    return { polls, wrap, open: () => held.resolve() };
  }

  it.each([
    ['in turn', undefined],
    ['in strict order', MANY],
  ])('asks a hundred queues at once if they have jobs, and claims with free slots only (%s)', async (_, queues) => {
    const done: string[] = [];
    defineFor(MANY, (queue) => done.push(queue));
    const { polls, wrap, open } = watchPolls();
    const worker = await scene.worker({ wrap, worker: { concurrency: 1, queues } });
    await scene.push('For-queue-299', undefined, { queue: 'queue-299' });
    worker.start();
    await quiet();
    expect(polls.filter(({ limit }) => limit > 0)).toHaveLength(1);
    expect(polls.filter(({ limit }) => limit === 0)).toHaveLength(100);
    open();
    await eventually(() => expect(done).toEqual(['queue-299']));
    expect(new Set(polls.map(({ queue }) => queue)).size).toBeGreaterThanOrEqual(300);
    // Most queues are asked once.
    expect(polls.length).toBeLessThan(310);
  });

  it('asks all of them at once again when it looks from time to time', async () => {
    defineFor(MANY, () => undefined);
    const asked: string[] = [];
    const wrap = (driver: QueueDriver): QueueDriver =>
      forgetful(
        tapped(driver, async ({ queue, send }) => {
          asked.push(queue);
          return send();
        }),
      );
    const worker = await scene.worker({ wrap, worker: { queues: MANY } });
    worker.start();
    await quiet();
    asked.length = 0;
    await stage.clock.advance(5);
    await quiet();
    expect(asked.toSorted()).toEqual(MANY.toSorted());
  });

  it('does not claim from a queue before the queues in front of it have answered, in strict order', async () => {
    const done: string[] = [];
    const queues = ['a', 'b', 'c'];
    defineFor(queues, (queue) => done.push(queue));
    const answers = new SlowAnswers();
    const worker = await scene.worker({ wrap: answers.wrap, worker: { concurrency: 1, queues } });
    for (const queue of ['b', 'c']) await scene.push(`For-${queue}`, undefined, { queue });
    worker.start();
    await quiet();
    expect(answers.awaited).toEqual(['a', 'b', 'c']);
    await answers.arrive('c');
    expect(answers.awaited).toEqual(['a', 'b']);
    await answers.arrive('a');
    expect(answers.awaited).toEqual(['b']);
    await answers.arrive('b');
    await answers.arrive('b');
    expect(done).toEqual(['b']);
    await answers.endSlowness();
    await eventually(() => expect(done).toEqual(['b', 'c']));
  });

  it('probes no queue while all slots run jobs', async () => {
    const busy = deferred();
    defineFor(MANY, (queue) => (queue === 'queue-0' ? busy.promise : undefined));
    const { polls, wrap, open } = watchPolls();
    await scene.push('For-queue-0', undefined, { queue: 'queue-0' });
    const worker = await scene.worker({ wrap, worker: { concurrency: 1, queues: MANY } });
    open();
    worker.start();
    await quiet();
    const { length } = polls;
    await stage.clock.advance(1);
    await quiet();
    expect(polls).toHaveLength(length);
    busy.resolve();
    await worker.stop();
  });
});
