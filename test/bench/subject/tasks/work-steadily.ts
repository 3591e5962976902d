import { setTimeout as pause } from 'node:timers/promises';
import { deferred } from '../../../support/deferred.js';
import type { BenchSystem, TaskOptions, Timing } from '../bench-system.js';
import { makePayloads } from '../payload.js';

export interface WorkSteadilyOptions extends TaskOptions {
  /** How many jobs to time. */
  readonly count: number;
  readonly concurrency: number;
  /** How many jobs are pushed at once, as soon as as many have been started. */
  readonly refill: number;
  /** How many jobs more than the depth are waiting. */
  readonly surplus: number;
}

export interface SteadyTiming extends Timing {
  /** How many jobs more than the depth are left waiting. */
  readonly surplus: number;
}

/** Until a worker has done what it does once, when it starts, in milliseconds. */
const SETTLE = 100;

/**
 * Works jobs of a queue that stays as deep as it is: its handler pushes as many as were started. The queue is never less deep
 * than at first, but for those on their way, and at most `refill` jobs deeper.
 */
export async function workSteadily(bench: BenchSystem, options: WorkSteadilyOptions): Promise<SteadyTiming> {
  const { count, concurrency, refill } = options;
  const payloads = makePayloads(options.bytes, refill);
  const full = deferred();
  const gate = deferred();
  const ended = deferred();
  const pushes: Promise<unknown>[] = [];
  let started = 0;
  let pushed = options.surplus;
  function onJob(): void | Promise<void> {
    started++;
    if (pushed < started) {
      pushed += refill;
      pushes.push(producer.pushMany(payloads));
    }
    if (started === concurrency + count) ended.resolve();
    if (started === concurrency) full.resolve();
    if (started <= concurrency) return gate.promise;
  }
  const producer = await bench.system.openProducer({ ...bench, ...options });
  const worker = await bench.system.openWorker({ ...bench, ...options, onJob });
  worker.start();
  await full.promise;
  await pause(SETTLE);
  const stopwatch = await bench.stopwatch();
  stopwatch.start();
  gate.resolve();
  await ended.promise;
  const timing = await stopwatch.stop(count);
  await worker.stop();
  await Promise.all(pushes);
  await producer.close();
  return { ...timing, surplus: pushed - started };
}
