import { describe, expect, it } from '@jest/globals';
import { deferred } from '../../support/deferred.js';
import type { JobReport } from '../../../lib/worker/job-report.js';
import { QUEUE, WorkerScene } from './scene.js';
import { ArrayStage } from './stage.js';

describe.each([
  ['forward', 3_600],
  ['back', -3_600],
])('a clock that is set %s by an hour', (_direction, step) => {
  const stage = new ArrayStage();
  const scene = new WorkerScene(stage);

  it('changes neither the delay of a job nor the pause before its next attempt', async () => {
    const log: string[] = [];
    scene.define({
      Failing: {
        handle: (_data, { attempt }) => {
          log.push(`attempt ${attempt}`);
          throw new Error('no luck');
        },
        options: { maxTries: 2, retryDelay: 60 },
      },
    });
    await scene.push('Failing', undefined, { delay: 30 });
    const worker = await scene.worker();
    worker.start();
    await stage.clock.advance(1);
    stage.clock.set(step);
    await stage.clock.advance(28);
    expect(log).toEqual([]);
    await stage.clock.advance(1);
    expect(log).toEqual(['attempt 1']);
    stage.clock.set(-2 * step);
    await stage.clock.advance(59);
    expect(log).toEqual(['attempt 1']);
    await stage.clock.advance(1);
    expect(log).toEqual(['attempt 1', 'attempt 2']);
  });

  it('changes neither the duration of an attempt nor its lease, and is the time that is told', async () => {
    const gate = deferred();
    scene.define({ Slow: { handle: () => gate.promise } });
    await scene.push('Slow');
    const worker = await scene.worker();
    const reports: JobReport[] = [];
    worker.reports$.subscribe((report) => reports.push(report));
    worker.start();
    await stage.clock.advance(1);
    stage.clock.set(step);
    const other = scene.driver.consume(QUEUE, { lease: 30, onLost: () => undefined });
    const { takenOver } = await other.poll({ settlements: [], limit: 1, recovered: true });
    expect(takenOver).toEqual([]);
    await stage.clock.advance(1);
    gate.resolve();
    await stage.clock.advance(0);
    expect(reports).toMatchObject([{ duration: 2_000, time: new Date(stage.clock.now()) }]);
    await other.close();
  });

  it('lets no queue starve', async () => {
    let ran = 0;
    scene.define({
      Busy: { handle: () => scene.push('Busy', undefined, { queue: 'a', delay: 0.01 }), options: { queue: 'a' } },
      Rare: { handle: () => ran++, options: { queue: 'b' } },
    });
    for (let each = 0; each < 5; each++) await scene.push('Busy', undefined, { queue: 'a' });
    const worker = await scene.worker({ worker: { concurrency: 1 } });
    worker.start();
    await stage.clock.advance(1);
    stage.clock.set(step);
    await scene.push('Rare', undefined, { queue: 'b' });
    await stage.clock.advance(1);
    expect(ran).toBe(1);
  });
});
