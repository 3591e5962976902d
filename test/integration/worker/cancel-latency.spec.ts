import { describe, expect, it } from '@jest/globals';
import { Recorder } from '../../support/recorder.js';
import { useRedis } from '../../support/use-redis.js';
import { WorkerScene } from './scene.js';
import { RedisStage } from './stage.js';

const SLOTS = 8;
const CANCELLATIONS = 100;
/** The promise, in milliseconds, for 99 of 100. */
const PROMISED = 100;

describe('the signal of a cancelled job, with all slots busy', () => {
  const scene = new WorkerScene(new RedisStage(useRedis()));

  it('is aborted within 100 ms in 99 of 100 cases, by another process', async () => {
    const started = new Recorder<string>();
    const aborted = new Map<string, () => void>();
    scene.define({
      Busy: {
        handle: (_data, { id, signal }) =>
          new Promise<never>((_, reject) => {
            signal.addEventListener('abort', () => {
              aborted.get(id)?.();
              reject(signal.reason as Error);
            });
            started.add(id);
          }),
      },
    });
    await scene.pushMany(SLOTS + CANCELLATIONS, 'Busy');
    (await scene.worker({ worker: { concurrency: SLOTS, prefetch: 0 } })).start();
    const pings: number[] = [];
    const latencies: number[] = [];
    for (let done = 0; done < CANCELLATIONS; done++) {
      await started.has(SLOTS + done);
      const id = started.items[done]!;
      let at = performance.now();
      await scene.driver.ping();
      pings.push(performance.now() - at);
      at = performance.now();
      const abort = new Promise<void>((resolve) => aborted.set(id, resolve));
      const [answer] = await Promise.all([scene.driver.cancellations.cancel(id), abort]);
      latencies.push(performance.now() - at);
      expect(answer).toBe('cancelling');
    }
    const [ping, latency] = [pings, latencies].map((times) => times.sort((a, b) => a - b)[CANCELLATIONS - 2]!);
    const median = latencies[CANCELLATIONS / 2]!;
    process.stdout.write(
      `signal of a cancelled job: p50 ${median.toFixed(1)} ms, p99 ${latency!.toFixed(1)} ms; ping p99 ${ping!.toFixed(1)} ms\n`,
    );
    // A machine that lets a mere ping wait lets each of the four messages wait.
    expect(latency!).toBeLessThan(PROMISED + 4 * ping!);
  });
});
