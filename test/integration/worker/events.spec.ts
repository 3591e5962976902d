import { describe, expect, it } from '@jest/globals';
import type { QueueEventType } from '../../../lib/events/queue-event.interface.js';
import { QueueEvents } from '../../../lib/events/queue-events.js';
import { eventually } from '../../support/eventually.js';
import { Gauge } from '../../support/gauge.js';
import { Recorder } from '../../support/recorder.js';
import { RecordingLogger } from '../../support/recording-logger.js';
import { thrower } from '../../support/thrower.js';
import { crashWith, expireLeases } from './lost-workers.js';
import { QUEUE, WorkerScene } from './scene.js';
import { bothStages } from './stage.js';

describe.each(bothStages())('the events of a worker on %s', (_name, stage) => {
  const scene = new WorkerScene(stage);

  /** Collects events as `type id`, or `type queue` without an id. */
  function listen(...types: QueueEventType[]): { readonly events: QueueEvents; readonly heard: string[] } {
    const events = new QueueEvents(new RecordingLogger());
    const heard: string[] = [];
    for (const type of types) {
      events.on(type, (event) => {
        const of = 'id' in event ? event.id : 'queue' in event ? event.queue : event.queues.join();
        heard.push(`${type} ${of}`);
      });
    }
    return { events, heard };
  }

  it('tell of its start, of each attempt and of its stop, in this order', async () => {
    scene.define({
      Good: {},
      Unlucky: { handle: thrower(new Error('no luck')), options: { maxTries: 2, retryDelay: 0 } },
      Waits: { handle: (_data, job) => job.release(60) },
    });
    const [good, unlucky, waits] = [await scene.push('Good'), await scene.push('Unlucky'), await scene.push('Waits')];
    const { events, heard } = listen(
      'worker-started',
      'started',
      'completed',
      'retrying',
      'failed',
      'released',
      'worker-stopped',
    );
    await (await scene.worker({ events, worker: { concurrency: 1 } })).run({ stopWhenEmpty: true });
    expect(heard).toEqual([
      `worker-started ${QUEUE}`,
      `started ${good}`,
      `completed ${good}`,
      `started ${unlucky}`,
      `retrying ${unlucky}`,
      `started ${waits}`,
      `released ${waits}`,
      `started ${unlucky}`,
      `failed ${unlucky}`,
      `worker-stopped ${QUEUE}`,
    ]);
  });

  it('tell that its queue was paused and resumed, and the log says so too', async () => {
    scene.define({ Good: {} });
    const { events, heard } = listen('queue-paused', 'queue-resumed', 'completed');
    (await scene.worker({ events })).start();
    // A worker that has just started may not listen to signals yet.
    await eventually(async () => {
      await scene.driver.pauses.pause(QUEUE, null);
      return heard.length === 1;
    });
    await scene.driver.pauses.resume(QUEUE);
    await eventually(() => heard.length === 2);
    expect(heard).toEqual([`queue-paused ${QUEUE}`, `queue-resumed ${QUEUE}`]);
    expect(scene.logger.of('log').slice(1)).toEqual([
      `Queue ${QUEUE} is paused: no worker starts its jobs`,
      `Queue ${QUEUE} is not paused any more`,
    ]);
  });

  it('tell of each recovered job with its lost consumer', async () => {
    scene.define({ Count: {} });
    const [id] = await scene.pushMany(1, 'Count');
    await crashWith(stage, scene.driver, QUEUE, 1);
    const { events } = listen();
    const recovered: unknown[] = [];
    events.on('recovered', (event) => recovered.push(event));
    await (await scene.worker({ events })).run({ stopWhenEmpty: true });
    await eventually(() => recovered.length > 0);
    const job = { queue: QUEUE, id, name: 'Count', attempt: expect.any(Number) };
    expect(recovered).toEqual([{ time: expect.any(Date), ...job, consumer: expect.stringMatching(/./) }]);
  });

  it('tell of a lost lease, and not of the outcome of its job', async () => {
    const gauge = new Gauge();
    const aborted = new Recorder<unknown>();
    scene.define({
      Held: {
        handle: (_data, { signal }) => {
          signal.addEventListener('abort', () => aborted.add(signal.reason));
          return gauge.run();
        },
      },
    });
    const [id] = await scene.pushMany(1, 'Held');
    const { events, heard } = listen('lease-lost', 'completed');
    const worker = await scene.worker({ events, worker: { lease: 1, concurrency: 1 } });
    worker.start();
    await gauge.runs(1);
    await expireLeases(stage, QUEUE);
    const other = scene.driver.consume(QUEUE, { lease: 30, onLost: () => {} });
    const { jobs } = await other.poll({ settlements: [], limit: 1, recovered: true });
    expect(jobs).toMatchObject([{ id }]);
    await stage.pass(1);
    await aborted.has(1);
    const stop = worker.stop();
    gauge.endAll();
    await stop;
    await other.close();
    expect(heard).toEqual([`lease-lost ${QUEUE}`]);
  });
});
