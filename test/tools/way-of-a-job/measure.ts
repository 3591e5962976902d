import type { Profiler } from 'node:inspector';
import { setTimeout as pause } from 'node:timers/promises';
import { CallRecorder } from './call-recorder.js';
import { countCalls, usualTrip, type Trip } from './count-calls.js';
import type { TripName } from './limits.js';
import { MeasuredApplication } from './measured-application.js';

const LIBRARY = new URL('../../../lib/', import.meta.url).href;
const WARM_UP_JOBS = 50;
/** The number of measured trips: enough for the most common number of calls of each function to be the usual one. */
const RUNS = 9;
/** The worker is idle after this number of checks in a row in which it waits and the library calls nothing. */
const IDLE_CHECKS = 5;
/** The pause before each check, in milliseconds. */
const CHECK_PAUSE = 20;
/** How long to wait for an idle worker, in milliseconds. */
const IDLE_TIMEOUT = 15_000;

/**
 * `push`: from the call of `push` until it resolves. `whole`: from the call of `push` until the reply to the settlement,
 * after which the worker waits for the next job.
 */
export type Way = Readonly<Record<TripName, Trip>>;

/**
 * Counts the way of one job through a warm library and an idle worker.
 *
 * @throws Error if a job does not run, or the worker does not become idle
 */
export async function measureWay(): Promise<Way> {
  const recorder = new CallRecorder();
  const application = await MeasuredApplication.open();
  try {
    await recorder.start();
    application.startWorker();
    const whole = await repeat(
      () => application.pushAndHandle(),
      () => measureWhole(application, recorder),
    );
    // The push is measured without a worker, because both run in one process and call the same library.
    await application.stopWorker();
    const push = await repeat(
      () => application.push(),
      () => measurePush(application, recorder),
    );
    return { push, whole };
  } finally {
    recorder.stop();
    await application.close();
  }
}

async function repeat(warmUp: () => Promise<void>, measure: () => Promise<Trip>): Promise<Trip> {
  for (let i = 0; i < WARM_UP_JOBS; i++) await warmUp();
  const trips: Trip[] = [];
  for (let i = 0; i < RUNS; i++) trips.push(await measure());
  return usualTrip(trips);
}

async function measurePush(application: MeasuredApplication, recorder: CallRecorder): Promise<Trip> {
  await recorder.take();
  await application.push();
  return countCalls(await recorder.take(), LIBRARY);
}

async function measureWhole(application: MeasuredApplication, recorder: CallRecorder): Promise<Trip> {
  await untilIdle(application, recorder);
  await application.pushAndHandle();
  return countCalls(await untilIdle(application, recorder), LIBRARY);
}

/** Waits until the worker waits for a job and the library calls nothing. Returns the reports up to then. */
async function untilIdle(application: MeasuredApplication, recorder: CallRecorder): Promise<Profiler.ScriptCoverage[]> {
  const reports: Profiler.ScriptCoverage[] = [];
  const deadline = performance.now() + IDLE_TIMEOUT;
  for (let idle = 0; idle < IDLE_CHECKS;) {
    if (performance.now() > deadline) throw new Error(`The worker was not idle within ${IDLE_TIMEOUT} ms`);
    await pause(CHECK_PAUSE);
    const isWaiting = await application.isWorkerWaiting();
    const report = await recorder.take();
    reports.push(...report);
    idle = isWaiting && countCalls(report, LIBRARY).length === 0 ? idle + 1 : 0;
  }
  return reports;
}
