import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import fc from 'fast-check';
import { Job, PayloadTooLargeError, type JobHandler } from 'nestjs-job-queue';
import { closeQueueApps, startQueueApp, type QueueApp } from '../e2e/nest/queue-app.js';
import { useRedis } from '../support/use-redis.js';
import { fuzz } from './fuzz.js';
import { storages } from './storages.js';

/** The default limit: 256 kB. */
const LIMIT = 262_144;
/** Some texts with their size in JSON, in bytes. */
const TEXTS: [text: string, bytes: number][] = [
  ['a', 1],
  ['é', 2],
  ['中', 3],
  ['😀', 4],
  ['"', 2],
  ['\n', 2],
  ['\u0001', 6],
  ['\ud800', 6],
];
let got: unknown;

@Job()
class Stores implements JobHandler<string> {
  async handle(data: string): Promise<void> {
    got = data;
  }
}

/** Makes a string that takes `LIMIT + beyond` bytes with its quotes. */
const nearLimit = fc
  .record({
    beyond: fc.constantFrom(-1, 0, 1),
    parts: fc.array(fc.tuple(fc.constantFrom(...TEXTS), fc.integer({ min: 1, max: 9_000 })), { maxLength: 4 }),
  })
  .map(({ beyond, parts }) => {
    const bytes = parts.reduce((sum, [[, each], times]) => sum + each * times, 2);
    const text = parts.map(([[each], times]) => each.repeat(times)).join('!');
    const fill = LIMIT + beyond - bytes - Math.max(0, parts.length - 1);
    return { beyond, text: text + 'z'.repeat(fill) };
  });

describe.each(storages(useRedis()))('the size of a payload, with driver %s', (_, storage) => {
  let app: QueueApp;

  beforeEach(async () => {
    app = await startQueueApp({ providers: [Stores] }, storage.options());
  });
  afterEach(closeQueueApps);

  fuzz(
    'is limited exactly, to the byte',
    nearLimit,
    async ({ beyond, text }) => {
      const before = await storage.writes(app);
      if (beyond > 0) {
        const refusal = app.queue.push(Stores, text);
        await expect(refusal).rejects.toThrow(PayloadTooLargeError);
        await expect(refusal).rejects.toMatchObject({ size: LIMIT + beyond, limit: LIMIT });
        expect(await storage.writes(app)).toEqual(before);
      } else {
        expect(await app.run(await app.queue.push(Stores, text))).toMatchObject({ status: 'completed' });
        expect(got === text).toBe(true);
      }
    },
    40,
  );
});
