import { setTimeout as pause } from 'node:timers/promises';
import type { BenchSystem, TaskOptions } from '../bench-system.js';
import { machineTime } from '../machine-clock.js';
import { makePayload } from '../payload.js';

export interface PushSteadilyOptions extends TaskOptions {
  /** Jobs per second. */
  readonly rate: number;
  readonly seconds: number;
}

/** The time from one push to the next, in milliseconds. */
const INTERVAL = 10;

/**
 * Pushes jobs at a constant rate, many in a call, without waiting for earlier calls. The number of a job is the time of its
 * push on the machine clock, in microseconds. Returns the number of jobs.
 */
export async function pushSteadily(bench: BenchSystem, options: PushSteadilyOptions): Promise<number> {
  const { rate, seconds, bytes } = options;
  const producer = await bench.system.openProducer({ ...bench, ...options });
  const pushes: Promise<unknown>[] = [];
  const began = machineTime();
  let pushed = 0;
  for (;;) {
    const now = machineTime();
    const elapsed = Math.min((now - began) / 1000, seconds);
    const count = Math.floor(rate * elapsed) - pushed;
    pushed += count;
    const payload = makePayload(bytes, Math.round(now * 1000));
    if (count > 0) pushes.push(producer.pushMany(Array.from({ length: count }, () => payload)));
    if (elapsed >= seconds) break;
    await pause(INTERVAL);
  }
  await Promise.all(pushes);
  await producer.close();
  return pushed;
}
