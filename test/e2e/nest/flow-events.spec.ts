import { describe, expect, jest, test } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import {
  CLOCK,
  Job,
  jobSpec,
  OnQueueEvent,
  QueueAdmin,
  QueueEvents,
  QueueSchedules,
  type QueueEvent,
  type QueueModuleOptions,
} from 'nestjs-job-queue';
import { eventually } from '../../support/eventually.js';
import { FakeClock } from '../../support/fake-clock.js';
import { buildQueueApp, initQueueApp, useSeen, type QueueApp } from './queue-app.js';

const seen = useSeen();

@Job({ queue: 'steps' })
class StepJob {
  static isBroken = false;
  handle(of: string): void {
    if (of === 'broken' && StepJob.isBroken) throw new Error('broken');
  }
}

@Injectable()
class Journal {
  @OnQueueEvent('batch-finished')
  @OnQueueEvent('chain-finished')
  @OnQueueEvent('workflow-finished')
  onEnd(event: QueueEvent<'batch-finished' | 'chain-finished' | 'workflow-finished'>): void {
    const { type, id, name, state, total, completed, failed, cancelled } = event;
    seen.push(`${type} ${id} ${name ?? '-'}: ${state}, ${completed} + ${failed} + ${cancelled} of ${total}`);
  }

  // The name of a flow is not that of a job.
  @OnQueueEvent('chain-finished', StepJob)
  onNothing(event: QueueEvent): void {
    seen.push(event);
  }
}

const start = async (options: QueueModuleOptions = {}): Promise<QueueApp> => {
  StepJob.isBroken = true;
  const builder = buildQueueApp({ providers: [StepJob, Journal] }, options);
  const module = await builder.overrideProvider(CLOCK).useValue(new FakeClock()).compile();
  return initQueueApp(module);
};
const drain = async (app: QueueApp): Promise<void> => {
  for (let i = 0; i < 5; i++) await app.run();
};
const step = (of = 'fine', metadata?: Record<string, string>) => jobSpec(StepJob, of, metadata && { metadata });

describe.each([
  ['of this process', {}],
  ['of all processes', { events: { everywhere: true } }],
] as const)('the events of flows (%s)', (_, options) => {
  test('tell how a chain, a batch and a workflow ended', async () => {
    const app = await start(options);
    const { queue } = app;
    await queue.chain([step(), step()], { id: 'c', name: 'StepJob' });
    await queue.batch([step(), step('broken'), step()], { id: 'b', name: 'import', allowFailures: true });
    await queue
      .workflow('night', { id: 'w' })
      .add('a', step('broken'))
      .add('b', step(), { after: ['a'] })
      .dispatch();
    expect(seen).toEqual([]);
    await drain(app);
    await eventually(() =>
      expect((seen as string[]).toSorted()).toEqual([
        'batch-finished b import: failed, 2 + 1 + 0 of 3',
        'chain-finished c StepJob: completed, 2 + 0 + 0 of 2',
        'workflow-finished w night: failed, 0 + 1 + 0 of 2',
      ]),
    );
  });

  test('tell of each end when it has come: after a retry once more', async () => {
    const app = await start(options);
    const { queue } = app;
    const { jobIds } = await queue.chain([step('broken'), step()], { id: 'c' });
    await drain(app);
    await eventually(() => expect(seen).toEqual(['chain-finished c -: failed, 0 + 1 + 0 of 2']));
    StepJob.isBroken = false;
    await app.app.get(QueueAdmin).retry(jobIds[0]!);
    await drain(app);
    await eventually(() => expect(seen.slice(1)).toEqual(['chain-finished c -: completed, 2 + 0 + 0 of 2']));
  });

  test('tell of an empty batch, and of what was cancelled', async () => {
    const app = await start(options);
    const { queue } = app;
    await queue.batch([], { id: 'b' });
    await queue.chain([step(), step()], { id: 'c' });
    await queue.cancelChain('c');
    await eventually(() =>
      expect(seen).toEqual([
        'batch-finished b -: completed, 0 + 0 + 0 of 0',
        'chain-finished c -: cancelled, 0 + 0 + 2 of 2',
      ]),
    );
  });
});

describe('the event "pushed"', () => {
  test('tells of jobs of flows when they are pushed, with their metadata, and of those of schedules', async () => {
    const app = await start();
    const pushed: unknown[] = [];
    app.app
      .get(QueueEvents)
      .on('pushed')
      .subscribe(({ id, name, queue, metadata }) => pushed.push([id, name, queue, metadata]));
    const { jobIds } = await app.queue.chain([step(), step('fine', { tenant: '7' })]);
    expect(pushed).toEqual([[jobIds[0], 'StepJob', 'steps', undefined]]);
    await drain(app);
    expect(pushed.slice(1)).toEqual([[jobIds[1], 'StepJob', 'steps', { tenant: '7' }]]);
    const schedules = app.app.get(QueueSchedules);
    await schedules.set('nightly', { every: '1h', job: step() });
    const id = await schedules.runNow('nightly');
    const metadata = { schedule: 'nightly', scheduledFor: expect.any(String) };
    expect(pushed.slice(2)).toEqual([[id, 'StepJob', 'steps', metadata]]);
    await (app.app.get<unknown>(CLOCK) as FakeClock).advance(3_600);
    await app.run();
    expect(pushed.slice(3)).toEqual([[expect.any(String), 'StepJob', 'steps', metadata]]);
  });

  test('costs a flow nothing that nobody listens to', async () => {
    const app = await start();
    const emit = jest.spyOn(app.app.get(QueueEvents), 'emit');
    await app.queue.chain([step(), step()]);
    await app.run();
    expect(emit.mock.calls.map(([type]) => type)).not.toContain('pushed');
  });
});
