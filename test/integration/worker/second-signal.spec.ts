import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Worker } from '../../../lib/worker/worker.js';
import { Gauge } from '../../support/gauge.js';
import { quiet } from '../../support/quiet.js';
import { WorkerScene, type WorkerWishes } from './scene.js';
import { ArrayStage } from './stage.js';

describe('while a worker drains', () => {
  const stage = new ArrayStage();
  const scene = new WorkerScene(stage);
  let gauge: Gauge;
  let listeners: number;
  const countListeners = (): number => process.listenerCount('SIGTERM') + process.listenerCount('SIGINT');

  beforeEach(() => {
    gauge = new Gauge();
    listeners = countListeners();
    scene.define({ Deaf: { handle: () => gauge.run() } });
  });
  afterEach(() => {
    gauge.endAll();
    expect(countListeners()).toBe(listeners);
  });

  const running = async (worker?: WorkerWishes['worker']): Promise<Worker> => {
    await scene.pushMany(1, 'Deaf');
    const made = await scene.worker({ worker });
    made.start();
    await gauge.runs(1);
    return made;
  };

  it.each(['SIGTERM', 'SIGINT'] as const)('after a signal, another one (%s) lets it wait no longer', async (signal) => {
    const worker = await running();
    const drain = worker.beforeApplicationShutdown('SIGTERM');
    await quiet();
    process.emit(signal, signal);
    await stage.clock.advance(0.5);
    await drain;
    expect(await scene.driver.counts('default')).toMatchObject({ ready: 1, reserved: 0 });
  });

  it('in onModuleDestroy, the next signal does', async () => {
    const worker = await running({ drainOn: 'onModuleDestroy' });
    const drain = worker.onModuleDestroy();
    await quiet();
    process.emit('SIGTERM', 'SIGTERM');
    await stage.clock.advance(0.5);
    await drain;
    expect(worker.isRunning).toBe(false);
  });

  it('because the application is closed by hand, signals are left to the application', async () => {
    const worker = await running();
    const drain = worker.beforeApplicationShutdown();
    await quiet();
    expect(countListeners()).toBe(listeners);
    gauge.end();
    await drain;
  });
});
