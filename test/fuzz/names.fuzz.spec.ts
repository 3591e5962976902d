import { afterEach, beforeEach, describe, expect } from '@jest/globals';
import fc from 'fast-check';
import {
  InvalidJobError,
  InvalidJobIdError,
  InvalidQueueNameError,
  Job,
  type JobContext,
  type JobHandler,
} from 'nestjs-job-queue';
import { buildQueueApp, closeQueueApps, initQueueApp, startQueueApp, type QueueApp } from '../e2e/nest/queue-app.js';
import { useRedis } from '../support/use-redis.js';
import { anyString, fuzz } from './fuzz.js';
import { storages } from './storages.js';

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const seen: string[] = [];

@Job()
class Notes implements JobHandler<void> {
  async handle(_: void, job: JobContext): Promise<void> {
    seen.push(job.name);
  }
}

/** Makes allowed names, almost allowed names, and any other strings. */
function names(allowed: string, maxLength: number): fc.Arbitrary<string> {
  const good = fc.string({ unit: fc.constantFrom(...Array.from(allowed)), minLength: 1, maxLength: maxLength + 2 });
  const bad = fc.constantFrom(
    '\n',
    '\0',
    ':',
    '{',
    '}',
    ' ',
    '/',
    '*',
    'é',
    '😀',
    '\ud800',
    '.',
    '-',
    '_',
    '\t',
    '\u2028',
  );
  const spoilt = fc
    .tuple(good, bad, fc.nat(maxLength))
    .map(([name, letter, at]) => name.slice(0, at) + letter + name.slice(at));
  const long = fc.integer({ min: maxLength - 1, max: maxLength + 2 }).map((length) => 'x'.repeat(length));
  const wellKnown = fc.constantFrom(
    '',
    '__proto__',
    'constructor',
    'default:delayed',
    '{a}',
    'a\n',
    'x'.repeat(100_000),
  );
  return fc.oneof(good, spoilt, long, wellKnown, anyString(80));
}

function isMadeOf(name: string, allowed: string, maxLength: number): boolean {
  return name.length >= 1 && name.length <= maxLength && name.split('').every((letter) => allowed.includes(letter));
}

function isAllowedId(id: string): boolean {
  return (
    id.length >= 1 &&
    id.length <= 256 &&
    !id.startsWith('~') &&
    Buffer.from(id).toString() === id &&
    !/[\s\p{Cc}{}]/u.test(id)
  );
}

describe.each(storages(useRedis()))('with driver %s', (driver, storage) => {
  let app: QueueApp;

  beforeEach(async () => {
    seen.splice(0);
    app = await startQueueApp({ providers: [Notes] }, storage.options());
  });
  afterEach(closeQueueApps);

  async function expectRefused(refusal: new (...args: any[]) => Error, ...calls: (() => Promise<unknown>)[]) {
    const before = await storage.writes(app);
    for (const call of calls) await expect(call()).rejects.toBeInstanceOf(refusal);
    expect(await storage.writes(app)).toEqual(before);
  }

  fuzz(
    'a queue accepts exactly the names that the pattern allows',
    names(`${LETTERS}_.-`, 64),
    async (name) => {
      if (isMadeOf(name, `${LETTERS}_.-`, 64) && LETTERS.includes(name[0]!)) {
        const id = await app.queue.push(Notes, undefined, name);
        expect(await app.queue.queues()).toContain(name);
        expect(await app.queue.getJobStatus(id)).toMatchObject({ queue: name, status: 'queued' });
        expect(await app.queue.counts(name)).toMatchObject({ ready: 1 });
        await (await app.queue.pop(name))!.complete();
        expect(await app.queue.clear(name)).toBe(0);
      } else {
        await expectRefused(
          InvalidQueueNameError,
          () => app.queue.push(Notes, undefined, name),
          () => app.queue.push(Notes, undefined, { queue: name }),
          () => app.queue.later(Notes, undefined, 5, name),
          () => app.queue.pushMany(Notes, [undefined], name),
          () => app.queue.pop(name),
          () => app.queue.counts(name),
          () => app.queue.clear(name),
        );
        expect(await app.queue.queues()).not.toContain(name);
      }
    },
    120,
  );

  fuzz(
    'a job accepts exactly the ids that the pattern allows',
    names(`${LETTERS}_-/:.^=@+,~`, 256),
    async (id) => {
      if (isAllowedId(id)) {
        expect(await app.queue.push(Notes, undefined, { id })).toBe(id);
        // The id may have been used before: then the job has run, and its status is kept.
        expect(await app.run(id)).toMatchObject({ id, status: 'completed' });
        await app.queue.updateJobStatus(id, 'cancelled');
        expect(await app.queue.getJobStatus(id)).toMatchObject({ id, status: 'cancelled' });
        await app.queue.updateJobStatus(id, 'completed');
      } else {
        await expectRefused(
          InvalidJobIdError,
          () => app.queue.push(Notes, undefined, { id }),
          () => app.queue.getJobStatus(id),
          () => app.queue.updateJobStatus(id, 'completed'),
        );
      }
    },
    120,
  );

  fuzz(
    'a job class accepts exactly the names that fit into a record',
    fc.oneof(names(`${LETTERS} :{}é中😀`, 200), anyString(210)),
    async (name) => {
      @Job({ name })
      class Named extends Notes {}
      const built = await buildQueueApp({ providers: [Named] }, storage.options()).compile();
      if (isJobName(name)) {
        const named = await initQueueApp(built);
        expect(await named.run(await named.queue.push(Named, undefined))).toMatchObject({ status: 'completed' });
        expect(seen.pop()).toBe(name);
      } else {
        await expect(built.init()).rejects.toBeInstanceOf(InvalidJobError);
      }
      await built.close();
    },
    driver === 'redis' ? 40 : 80,
  );
});

/** Returns true for 1 to 200 characters without control characters and halves of surrogate pairs. */
function isJobName(name: string): boolean {
  const characters = Array.from(name);
  const isWhole = (letter: string) => letter.length === 2 || letter < '\ud800' || letter > '\udfff';
  const isPrintable = (letter: string) => letter >= ' ' && !(letter >= '\x7f' && letter <= '\x9f');
  return (
    characters.length >= 1 && characters.length <= 200 && characters.every((each) => isWhole(each) && isPrintable(each))
  );
}
