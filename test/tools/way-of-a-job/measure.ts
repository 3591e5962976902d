import type { Profiler } from 'node:inspector';
import { setTimeout as pause } from 'node:timers/promises';
import { CallRecorder } from './call-recorder.js';
import { countCalls, usualTrip, type Trip } from './count-calls.js';
import type { TripName } from './limits.js';
import { Scene } from './scene.js';

const LIBRARY = new URL('../../../lib/', import.meta.url).href;
const WARM_UP_JOBS = 50;
/** So many that each function's most common number of calls is the one without chance. */
const RUNS = 9;
/** The worker is idle if so many looks in a row find it waiting and nothing called. */
const QUIET_LOOKS = 5;
/** The pause before each look, in milliseconds. */
const LOOK_PAUSE = 20;
/** How long to wait for an idle worker, in milliseconds. */
const IDLE_TIMEOUT = 15_000;

/**
 * `push`: from the call until its answer. `whole`: from the call of `push` until the settlement was answered and the
 * worker waits for the next job.
 */
export type Way = Readonly<Record<TripName, Trip>>;

/**
 * Counts the way of one job through a warm library and an idle worker.
 *
 * @throws Error if a job does not run, or the worker does not become idle
 */
export async function measureWay(): Promise<Way> {
  const recorder = new CallRecorder();
  const scene = await Scene.open();
  try {
    await recorder.start();
    scene.startWorker();
    const whole = await repeat(
      () => scene.pushAndHandle(),
      () => measureWhole(scene, recorder),
    );
    // In one process nobody can tell the worker's calls from those of the push.
    await scene.stopWorker();
    const push = await repeat(
      () => scene.push(),
      () => measurePush(scene, recorder),
    );
    return { push, whole };
  } finally {
    recorder.stop();
    await scene.close();
  }
}

async function repeat(warmUp: () => Promise<void>, measure: () => Promise<Trip>): Promise<Trip> {
  for (let i = 0; i < WARM_UP_JOBS; i++) await warmUp();
  const trips: Trip[] = [];
  for (let i = 0; i < RUNS; i++) trips.push(await measure());
  return usualTrip(trips);
}

async function measurePush(scene: Scene, recorder: CallRecorder): Promise<Trip> {
  await recorder.take();
  await scene.push();
  return countCalls(await recorder.take(), LIBRARY);
}

async function measureWhole(scene: Scene, recorder: CallRecorder): Promise<Trip> {
  await untilIdle(scene, recorder);
  await scene.pushAndHandle();
  return countCalls(await untilIdle(scene, recorder), LIBRARY);
}

/** Waits until the worker waits for a job and the library calls nothing. Returns the reports up to then. */
async function untilIdle(scene: Scene, recorder: CallRecorder): Promise<Profiler.ScriptCoverage[]> {
  const reports: Profiler.ScriptCoverage[] = [];
  const deadline = performance.now() + IDLE_TIMEOUT;
  for (let quiet = 0; quiet < QUIET_LOOKS;) {
    if (performance.now() > deadline) throw new Error(`The worker was not idle within ${IDLE_TIMEOUT} ms`);
    await pause(LOOK_PAUSE);
    const isWaiting = await scene.isWorkerWaiting();
    const report = await recorder.take();
    reports.push(...report);
    quiet = isWaiting && countCalls(report, LIBRARY).length === 0 ? quiet + 1 : 0;
  }
  return reports;
}
