import { describe, expect, it } from '@jest/globals';
import { WorkerScene } from './scene.js';
import { ArrayStage, bothStages } from './stage.js';

describe.each(bothStages())('the first log line of a worker on %s', (name, stage) => {
  const scene = new WorkerScene(stage);

  it('names its queue, its concurrency and its storage', async () => {
    const storage = name === 'array' ? /^array, in this process$/ : /^redis 127\.0\.0\.1:\d+\/\d+$/;
    (await scene.worker()).start();
    const [line, ...others] = scene.logger.of('log');
    expect(others).toEqual([]);
    const [queue, concurrency, address] = line!.split('; ');
    expect([queue, concurrency]).toEqual(['Working queue default', 'concurrency 10']);
    expect(address).toMatch(storage);
  });
});

describe('the first log line of a worker', () => {
  const scene = new WorkerScene(new ArrayStage());

  it('lists the queues of job classes, which it works in turn', async () => {
    scene.define({ InMail: { options: { queue: 'mail' } }, InImages: { options: { queue: 'images' } } });
    (await scene.worker({ worker: { concurrency: 3 } })).start();
    expect(scene.logger.of('log')).toEqual([
      'Working queues default, images, mail, in turn; concurrency 3; array, in this process',
    ]);
    expect(scene.logger.of('warn')).toEqual([]);
  });

  it('lists the queues of the option in their order', async () => {
    (await scene.worker({ worker: { queues: ['high', 'low'] } })).start();
    expect(scene.logger.of('log')).toEqual([
      'Working queues high, low, in this order; concurrency 10; array, in this process',
    ]);
  });

  it('is logged once if the worker is started twice, and again after a stop', async () => {
    const worker = await scene.worker();
    worker.start();
    worker.start();
    expect(scene.logger.of('log')).toHaveLength(1);
    await worker.stop();
    worker.start();
    expect(scene.logger.of('log')).toHaveLength(2);
  });

  it('is followed by a warning for each queue that a job class names and the worker does not work', async () => {
    scene.define({
      InMail: { options: { queue: 'mail' } },
      InImages: { options: { queue: 'images' } },
      InLetters: { options: { queue: 'letters' } },
      Plain: {},
    });
    (await scene.worker({ worker: { queues: ['mail', 'other'] } })).start();
    const rest = 'is named by a job class, but this worker does not work it: another worker has to';
    expect(scene.logger.of('warn')).toEqual([`Queue images ${rest}`, `Queue letters ${rest}`]);
  });
});
