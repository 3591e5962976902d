import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { NewJob } from '../../../lib/drivers/queue-driver.interface.js';
import { jobSpec } from '../../../lib/job/job-spec.js';
import {
  InvalidJobError,
  QueueConnectionError,
  StorageFullError,
  UnknownOutcomeError,
} from '../../../lib/queue.errors.js';
import { deferred } from '../../support/deferred.js';
import { BulkJob, EmailJob, ManagerScene, PictureJob, PosterJob } from './manager-scene.js';

let scene: ManagerScene;

beforeEach(() => void (scene = new ManagerScene({ maxPayloadSize: 2_000_000 })));
afterEach(() => scene.close());

function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function spyOnPush() {
  return jest.spyOn(scene.driver, 'push');
}

test('pushMany() returns ids in the order of the data, and stores the jobs in this order', async () => {
  const ids = await scene.manager.pushMany(BulkJob, numbers(1234));
  const claimed = await scene.claim();
  expect(claimed.map(({ id }) => id)).toEqual(ids);
  expect(claimed.map(({ body }) => body)).toEqual(numbers(1234).map((number) => `hBulkJob\n${number}`));
  expect(new Set(ids).size).toBe(1234);
});

test('pushMany() sends chunks of at most 500 jobs and about 100 kB, of many jobs a small one first', async () => {
  const push = spyOnPush();
  await scene.manager.pushMany(BulkJob, numbers(1234));
  expect(push.mock.calls.map(([, jobs]) => jobs.length)).toEqual([100, 500, 500, 134]);
  push.mockClear();
  await scene.manager.pushMany(BulkJob, numbers(500));
  expect(push.mock.calls.map(([, jobs]) => jobs.length)).toEqual([500]);
  push.mockClear();
  await scene.manager.pushMany(BulkJob, [
    'a'.repeat(60_000),
    'b'.repeat(30_000),
    'c'.repeat(30_000),
    'd'.repeat(1_500_000),
  ]);
  expect(push.mock.calls.map(([, jobs]) => jobs.length)).toEqual([2, 1, 1]);
});

test('pushMany() tells the storage of each generated id, also beside a job with traits, that nobody else has it', async () => {
  const push = spyOnPush();
  const specs = [
    jobSpec(EmailJob, { to: 'ada' }),
    jobSpec(EmailJob, { to: 'bob' }, { priority: 5 }),
    jobSpec(EmailJob, { to: 'eve' }, { id: 'own' }),
  ];
  await scene.manager.pushMany(specs);
  expect(push.mock.calls[0]![1].map(({ isGenerated }) => isGenerated)).toEqual([true, true, undefined]);
});

test('pushMany() returns no ids and calls no driver if the list is empty', async () => {
  const push = spyOnPush();
  expect(await scene.manager.pushMany(BulkJob, [])).toEqual([]);
  expect(await scene.manager.pushMany([])).toEqual([]);
  expect(push).not.toHaveBeenCalled();
});

test('pushMany() stores instances of several classes in the queues of their classes, in their order', async () => {
  const jobs = numbers(6).map((number) => (number % 2 ? new PosterJob(`${number}`) : new PictureJob(`${number}`)));
  const ids = await scene.manager.pushMany(jobs);
  expect((await scene.claim('default')).map(({ id }) => id)).toEqual([ids[0], ids[2], ids[4]]);
  expect((await scene.claim('posters')).map(({ id }) => id)).toEqual([ids[1], ids[3], ids[5]]);

  await scene.manager.pushMany(jobs, 'all');
  expect(await scene.claim('all')).toHaveLength(6);
});

test('pushMany() applies queue, delay and maxTries of its options to each job', async () => {
  await scene.manager.pushMany(EmailJob, [{ to: 'ada' }], { queue: 'a', delay: 5, maxTries: 2 });
  expect(await scene.manager.counts('a')).toMatchObject({ ready: 0, delayed: 1 });
  await scene.clock.advance(5);
  expect(await scene.claim('a')).toMatchObject([{ body: 'hEmailJob\t{"m":2,"w":5}\n{"to":"ada"}' }]);
});

test('pushMany() sends the first chunk alone, then several chunks at once', async () => {
  const gates = new Map<number, ReturnType<typeof deferred<void>>>();
  const push = spyOnPush().mockImplementation((_, jobs) => {
    const gate = deferred();
    gates.set(firstNumber(jobs), gate);
    return gate.promise.then(() => undefined);
  });
  const pushing = scene.manager.pushMany(BulkJob, numbers(500 * 7));
  await turn();
  expect(push).toHaveBeenCalledTimes(1);
  gates.get(0)?.resolve();
  await turn();
  expect(push).toHaveBeenCalledTimes(5);
  gates.get(600)?.resolve();
  await turn();
  expect(push).toHaveBeenCalledTimes(6);
  expect([...gates.keys()]).toEqual([0, 100, 600, 1100, 1600, 2100]);
  while (push.mock.calls.length < 8) {
    for (const gate of gates.values()) gate.resolve();
    await turn();
  }
  for (const gate of gates.values()) gate.resolve();
  expect(await pushing).toHaveLength(3500);
});

test('pushMany() rejects a list of instances if it contains a class or a value that is no job', async () => {
  const push = spyOnPush();
  const picture = new PictureJob('a');
  await expect(scene.manager.pushMany([picture, BulkJob] as never)).rejects.toThrow(/got class BulkJob in it/);
  await expect(scene.manager.pushMany([picture, {}] as never)).rejects.toThrow(InvalidJobError);
  await expect(scene.manager.pushMany([picture, undefined] as never)).rejects.toThrow(InvalidJobError);
  await expect(scene.manager.pushMany(PictureJob as never, [])).rejects.toThrow(InvalidJobError);
  expect(push).not.toHaveBeenCalled();
});

describe('pushMany() with a failing driver', () => {
  test('rejects with the error of the driver if the first chunk fails', async () => {
    const push = spyOnPush().mockRejectedValue(new QueueConnectionError('Away'));
    await expect(scene.manager.pushMany(BulkJob, numbers(2000))).rejects.toThrow(QueueConnectionError);
    expect(push).toHaveBeenCalledTimes(1);
  });

  test('rejects with the ids of the jobs that may not be stored if a later chunk fails', async () => {
    const original = scene.driver.push.bind(scene.driver);
    spyOnPush().mockImplementation(async (queue, jobs, unique) => {
      if (firstNumber(jobs) === 1100) throw new StorageFullError();
      return original(queue, jobs, unique);
    });
    const error = await catchError(scene.manager.pushMany(BulkJob, numbers(5000)));
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    const { jobIds, allIds, cause } = error as UnknownOutcomeError;
    expect(cause).toBeInstanceOf(StorageFullError);
    expect(allIds).toHaveLength(5000);
    const stored = new Set((await scene.claim()).map(({ id }) => id));
    expect(allIds.filter((id) => !jobIds.includes(id)).toSorted()).toEqual([...stored].toSorted());
    expect(jobIds).toEqual(expect.arrayContaining(allIds.slice(1100, 1600)));
  });

  test('rejects with the ids of all jobs from the first chunk on whose outcome is unknown', async () => {
    spyOnPush().mockImplementation(async (_, jobs) => {
      throw new UnknownOutcomeError(
        jobs.map(({ id }) => id),
        { cause: new Error('too slow') },
      );
    });
    const error = (await catchError(scene.manager.pushMany(BulkJob, numbers(1200)))) as UnknownOutcomeError;
    expect(error).toBeInstanceOf(UnknownOutcomeError);
    expect(error.jobIds).toHaveLength(1200);
    expect(error.allIds).toEqual(error.jobIds);
    expect(error.message).toMatch(/too slow/);
  });
});

function firstNumber(jobs: readonly NewJob[]): number {
  return Number(jobs[0]?.body.split('\n')[1]);
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function catchError(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}
