import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SHUTDOWN_SIGNALS } from '../../../lib/support/shutdown-signal.js';
import type { Worker } from '../../../lib/worker/worker.js';
import { Gauge } from '../../support/gauge.js';
import { quiet } from '../../support/quiet.js';
import { WorkerScene, type TestWorkerOptions } from './scene.js';
import { ArrayStage } from './stage.js';

describe('a worker that stops', () => {
  const stage = new ArrayStage();
  const scene = new WorkerScene(stage);
  let gauge: Gauge;
  let listeners: number;
  const countListeners = (): number =>
    SHUTDOWN_SIGNALS.reduce((count, signal) => count + process.listenerCount(signal), 0);

  beforeEach(() => {
    gauge = new Gauge();
    listeners = countListeners();
    scene.define({ Deaf: { handle: () => gauge.run() } });
  });
  afterEach(() => {
    gauge.endAll();
    expect(countListeners()).toBe(listeners);
  });

  const running = async (worker?: TestWorkerOptions['worker']): Promise<Worker> => {
    await scene.pushMany(1, 'Deaf');
    const made = await scene.worker({ worker });
    made.start();
    await gauge.runs(1);
    return made;
  };

  it.each(SHUTDOWN_SIGNALS)('ends its wait for jobs on a second signal (%s)', async (signal) => {
    const worker = await running();
    const drain = worker.drain('SIGTERM');
    await quiet();
    process.emit(signal, signal);
    await stage.clock.advance(0.5);
    await drain;
    expect(await scene.driver.counts('default')).toMatchObject({ ready: 1, reserved: 0 });
  });

  it('ends its wait for jobs on the first signal in onModuleDestroy', async () => {
    const worker = await running({ drainOn: 'onModuleDestroy' });
    const drain = worker.drain();
    await quiet();
    process.emit('SIGTERM', 'SIGTERM');
    await stage.clock.advance(0.5);
    await drain;
    expect(worker.isRunning).toBe(false);
  });

  it('does not listen to signals if the application is closed by hand', async () => {
    const worker = await running();
    const drain = worker.drain();
    await quiet();
    expect(countListeners()).toBe(listeners);
    gauge.end();
    await drain;
  });
});
