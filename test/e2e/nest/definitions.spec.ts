import { afterEach, describe, expect, it } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import {
  defineJob,
  DuplicateJobError,
  InvalidJobError,
  InvalidOptionError,
  InvalidQueueNameError,
  Job,
  JobRegistry,
  QueueManager,
  QueueModule,
  UnknownJobError,
  Worker,
  type JobContext,
  type JobHandlerOf,
} from 'nestjs-job-queue';
import { buildQueueApp, closeQueueApps, initQueueApp, startQueueApp } from './queue-app.js';

afterEach(closeQueueApps);

interface Order {
  order: string;
}

const Ship = defineJob<Order>('ship', { queue: 'orders', maxTries: 4 });
const Close = defineJob('close');

@Injectable()
class Orders {
  readonly shipped: unknown[] = [];
  constructor(readonly queue: QueueManager) {}
}

@Job(Ship, { maxTries: 1 })
class ShipHandler implements JobHandlerOf<typeof Ship> {
  constructor(private readonly orders: Orders) {}
  handle(data: Order): void {
    this.orders.shipped.push(data);
  }
}

describe('a definition', () => {
  it('is pushed in each way, and its class runs', async () => {
    const { app, queue } = await startQueueApp({ providers: [Orders, ShipHandler] });
    const id = await queue.push(Ship, { order: 'a' });
    await queue.pushMany(Ship, [{ order: 'b' }, { order: 'c' }]);
    await queue.push('ship', { order: 'd' });
    await queue.pushMany('ship', [{ order: 'e' }], 'orders');
    await queue.later(Ship, { order: 'f' }, '1h');
    await queue.later('ship', { order: 'g' }, '1h');
    await queue.later(Close, '1h');
    await queue.push(Ship, { order: 'h' }, 'express');
    expect(await queue.counts('orders')).toMatchObject({ ready: 5, delayed: 2 });
    expect(await queue.counts()).toMatchObject({ delayed: 1 });
    expect(await queue.counts('express')).toMatchObject({ ready: 1 });
    expect(await app.get(Worker).run({ queues: ['orders'], stopWhenEmpty: true, maxJobs: 5 })).toBe('max-jobs');
    expect(app.get(Orders).shipped).toEqual(['a', 'b', 'c', 'd', 'e'].map((order) => ({ order })));
    expect(await queue.getJobStatus(id)).toMatchObject({ status: 'completed', queue: 'orders' });
  });

  it('gives its handler what the push says beside the data', async () => {
    const seen: unknown[] = [];
    @Job(Close)
    class CloseHandler implements JobHandlerOf<typeof Close> {
      handle(_data: void, { metadata, tags }: JobContext): void {
        seen.push([metadata, tags]);
      }
    }
    const { queue, run } = await startQueueApp({ providers: [CloseHandler] }).then((app) => ({
      queue: app.queue,
      run: () => app.run(),
    }));
    await queue.push(Close, undefined, { metadata: { tenant: 'a' }, tags: ['night'] });
    await queue.push(Close);
    await run();
    expect(seen).toEqual([
      [{ tenant: 'a' }, ['night']],
      [{}, []],
    ]);
  });

  it('is pushed where nothing knows its class, also before the application has started', async () => {
    @Injectable()
    class Early {
      readonly pushed: Promise<string>;
      constructor(queue: QueueManager) {
        this.pushed = queue.push(Ship, { order: 'a' });
      }
    }
    const { app, queue } = await startQueueApp({ providers: [Early] });
    await app.get(Early).pushed;
    const job = await queue.pop<Order>('orders');
    expect(job).toMatchObject({ name: 'ship', data: { order: 'a' } });
    await job?.complete();
  });

  it('gives its class the name and the options; those beside it come first', async () => {
    @Job({ queue: 'of-the-parent', timeout: '1m', retryDelay: 7 })
    class Parent {
      handle(_data: Order): void {}
    }
    @Job(Ship, { retryDelay: '2m' })
    class Child extends Parent {}
    @Job({ name: 'grandchild' })
    class Grandchild extends Child {}
    @Job(Close)
    class CloseHandler extends Parent {
      override handle(): void {}
    }
    const { app } = await startQueueApp({ providers: [Child, Grandchild, CloseHandler] });
    const registry = app.get(JobRegistry);
    const options = { queue: 'orders', maxTries: 4, timeout: 60, retryDelay: 120 };
    expect(registry.find('ship')).toMatchObject({ jobClass: Child, definition: Ship, options });
    expect(registry.find('grandchild')).toMatchObject({ options, definition: undefined });
    // A process that pushes by the definition does not know the queue of the parent.
    expect(registry.find('close')?.options).toEqual({ timeout: 60, retryDelay: 7 });
    expect(registry.queues()).toEqual(['orders']);
  });

  it('of two handlers stops the start with both and with the cure', async () => {
    @Job(Ship)
    class OtherHandler {
      handle(_data: Order): void {}
    }
    @Module({ providers: [OtherHandler] })
    class OtherModule {}
    const start = startQueueApp({ imports: [OtherModule], providers: [Orders, ShipHandler] });
    await expect(start).rejects.toThrow(DuplicateJobError);
    await expect(start).rejects.toThrow(
      `Two job classes handle the definition "ship": ShipHandler (RootTestModule) and OtherHandler (OtherModule). ` +
        `A job runs in one class: take @Job() from one of them, or give it a definition of its own, defineJob('...')`,
    );
  });

  it('of a class that carries its data stops the start', async () => {
    @Job(Close)
    class Carrier {
      constructor(readonly path: string) {}
      handle(): void {}
    }
    const start = startQueueApp({ imports: [QueueModule.forFeature([Carrier])] });
    await expect(start).rejects.toThrow(InvalidJobError);
    await expect(start).rejects.toThrow(
      /Carrier handles the definition "close" and takes its data in its constructor: .* @Job\(\{ name: "close" \}\)/,
    );
  });

  it.each([
    ['name', { name: 'other' }, /name": expected none beside a definition: defineJob\(\) gives it/],
    ['queue', { queue: 'other' }, /queue": expected none beside a definition.* may not know this class/],
    ['unknown option', { maxTrys: 3 }, /maxTrys": expected no option of this name \(did you mean "maxTries"\?\)/],
    ['wrong value', { maxTries: 0 }, /maxTries": expected a whole number from 1/],
  ])('with a %s beside it stops the start', async (_, options, message) => {
    @Job(Ship, options as never)
    class WrongHandler {
      handle(): void {}
    }
    await expect(startQueueApp({ providers: [WrongHandler] })).rejects.toThrow(message);
  });

  it('checks its name and its options at once', () => {
    for (const name of ['', 'a\nb', 'x'.repeat(201), 5]) {
      expect(() => defineJob(name as string)).toThrow(InvalidJobError);
    }
    expect(() => defineJob('wrong', { queue: 'a b' })).toThrow(InvalidQueueNameError);
    expect(() => defineJob('wrong', { maxTries: -1 })).toThrow(InvalidOptionError);
    expect(() => defineJob('wrong', { quue: 'a' } as never)).toThrow(
      'Option "defineJob("wrong").quue": expected no option of this name (did you mean "queue"?)',
    );
    expect(() => Job(undefined as never, {})).toThrow(/a circular import\?/);
  });
});

describe('a push by name', () => {
  it('needs a queue if the process knows neither class nor definition, and stores nothing without one', async () => {
    const { queue } = await startQueueApp({ providers: [Orders, ShipHandler] });
    for (const push of [
      () => queue.push('shipp', { order: 'a' }),
      () => queue.later('shipp', { order: 'a' }, 5),
      () => queue.pushMany('shipp', [{ order: 'a' }]),
    ]) {
      await expect(push()).rejects.toThrow(UnknownJobError);
      await expect(push()).rejects.toThrow(
        `Unknown job: no job class and no definition of this process has the name "shipp"; did you mean "ship"? ` +
          `Import its class or its definition, or name its queue: push("shipp", data, { queue: '...' })`,
      );
    }
    expect(await queue.queues()).toEqual([]);
    await queue.push('shipp', { order: 'a' }, { queue: 'orders', maxTries: 2 });
    expect(await queue.pop('orders')).toMatchObject({ name: 'shipp', data: { order: 'a' }, maxTries: 2 });
    await expect(queue.push('a\nb', {}, 'orders')).rejects.toThrow(InvalidJobError);
    await expect(queue.push('a'.repeat(201), {}, 'orders')).rejects.toThrow(InvalidJobError);
  });

  it('takes the options of a definition whose class is not here, unless several have the name', async () => {
    // A file that is loaded twice makes its functions twice.
    for (let i = 0; i < 2; i++) defineJob('relayed', { queue: 'relay', backoff: (attempt) => attempt });
    const { queue } = await startQueueApp({});
    await queue.push('relayed');
    expect(await queue.counts('relay')).toMatchObject({ ready: 1 });
    const Other = defineJob('relayed', { queue: 'other' });
    await expect(queue.push('relayed')).rejects.toThrow(/Several definitions .* "relayed"/);
    await queue.push(Other);
    expect(await queue.counts('other')).toMatchObject({ ready: 1 });
  });

  it('waits for the modules, as a push by class does', async () => {
    @Injectable()
    class Early {
      readonly pushed: Promise<unknown>;
      constructor(queue: QueueManager) {
        this.pushed = queue.push('unheard-of').catch((error: unknown) => error);
      }
    }
    const app = await buildQueueApp({ providers: [Early] }).compile();
    await initQueueApp(app);
    expect(await app.get(Early).pushed).toMatchObject({ code: 'ERR_NOT_INITIALIZED' });
  });

  it('of a job that carries its data is refused', async () => {
    @Job('picture')
    class Picture {
      constructor(readonly path: string) {}
      handle(): void {}
    }
    const { queue } = await startQueueApp({ imports: [QueueModule.forFeature([Picture])] });
    await expect(queue.push('picture', { path: 'a' })).rejects.toThrow(/push an instance of it/);
  });
});
