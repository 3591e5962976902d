import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { Job, PayloadNotSerializableError, QueueModule, type JobHandler, type JobInterface } from 'nestjs-job-queue';
import { closeQueueApps, startQueueApp, type QueueApp } from '../e2e/nest/queue-app.js';
import { thrower } from '../support/thrower.js';
import { useRedis } from '../support/use-redis.js';
import { fuzz } from './fuzz.js';
import { objectsWithin, prototypesNow } from './prototypes.js';
import { storages } from './storages.js';
import { define, expectedOf, wild, wildProperties } from './wild-values.js';

const seen: unknown[] = [];

@Job()
class TakesData implements JobHandler {
  async handle(data: unknown): Promise<void> {
    seen.push(data);
  }
}

@Job()
class CarriesData implements JobInterface {
  async handle(): Promise<void> {
    seen.push(this);
  }
}

/** The names of methods: data cannot have properties with these names. */
const METHODS = new Set([...Object.getOwnPropertyNames(Object.prototype), 'handle']);

describe.each(storages(useRedis()))('a payload, with driver %s', (_, storage) => {
  let app: QueueApp;

  beforeEach(async () => {
    seen.splice(0);
    const imports = [QueueModule.forFeature([CarriesData])];
    app = await startQueueApp({ imports, providers: [TakesData] }, storage.options());
  });
  afterEach(closeQueueApps);

  /** Pushes a job and returns the data that it got; `undefined` if the push was refused as expected. */
  async function passThrough(push: () => Promise<string>, isRefused: boolean): Promise<{ got: unknown } | undefined> {
    const before = { prototypes: prototypesNow(), writes: await storage.writes(app) };
    let id: string;
    try {
      id = await push();
    } catch (error) {
      expect(error).toBeInstanceOf(PayloadNotSerializableError);
      expect(isRefused).toBe(true);
      expect(await storage.writes(app)).toEqual(before.writes);
      expectUntouched(before.prototypes);
      return undefined;
    }
    expect(isRefused).toBe(false);
    expect(await storage.writes(app)).not.toEqual(before.writes);
    const status = await app.run(id);
    expect(status).toMatchObject({ status: 'completed', attempt: 1 });
    expectUntouched(before.prototypes);
    return { got: seen.pop() };
  }

  fuzz(
    'comes back by the rules, or is refused before anything is written',
    wild,
    async ({ value, refused, comesBack }) => {
      const passed = await passThrough(() => app.queue.push(TakesData, value), refused);
      if (!passed) return;
      expectSame(passed.got, comesBack);
      for (const object of objectsWithin(passed.got)) expect(isOrdinary(object)).toBe(true);
    },
    300,
  );

  fuzz(
    'carried by a job comes back in an instance of its class, or is refused before anything is written',
    fc.tuple(wildProperties, fc.integer({ min: 1, max: 20 })),
    async ([entries, dice]) => {
      const throws = dice === 20;
      const job = new CarriesData();
      for (const [name, { value }] of entries) define(job, name, value);
      const { refused, comesBack } = expectedOf(entries);
      if (throws) Object.defineProperty(job, 'thrower', { get: thrower(new Error('not now')), enumerable: true });
      const passed = await passThrough(() => app.queue.push(job), refused || throws);
      if (!passed) return;
      const { got } = passed;
      expect(got).toBeInstanceOf(CarriesData);
      expect(Object.getPrototypeOf(got)).toBe(CarriesData.prototype);
      const data = Object.entries(comesBack as object).filter(([name]) => !METHODS.has(name));
      expectSame(Object.fromEntries(Object.entries(got as object)), Object.fromEntries(data));
    },
    300,
  );
});

/** Expects equal values, including -0, dates and the order of properties. */
function expectSame(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toStrictEqual(expected);
  expect(isDeepStrictEqual(actual, expected)).toBe(true);
  expect(JSON.stringify(actual)).toBe(JSON.stringify(expected));
}

function isOrdinary(object: object): boolean {
  return [Object.prototype, Array.prototype, Date.prototype].includes(Object.getPrototypeOf(object) as never);
}

function expectUntouched(before: unknown[]): void {
  expect(isDeepStrictEqual(prototypesNow(), before)).toBe(true);
}
