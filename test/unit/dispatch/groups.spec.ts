import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { defineJob } from '../../../lib/job/define-job.js';
import { jobSpec } from '../../../lib/job/job-spec.js';
import { InvalidOptionError } from '../../../lib/queue.errors.js';
import { EmailJob, ManagerScene } from './manager-scene.js';

interface Mail {
  readonly tenant?: unknown;
}

const OfData = defineJob<Mail>('group-of-data', {
  queue: 'mails',
  group: ({ tenant }) => tenant as string | undefined,
});
const Fixed = defineJob<Mail>('group-fixed', { queue: 'mails', group: 'imports' });
const Throwing = defineJob<Mail>('group-throwing', {
  queue: 'mails',
  group: () => {
    throw new TypeError('no tenant');
  },
});

let scene: ManagerScene;
beforeEach(() => void (scene = new ManagerScene()));
afterEach(() => scene.close());

/** The groups in the records of the jobs of the queue, in the order of the claims. */
async function groups(): Promise<unknown[]> {
  const jobs = await scene.claim('mails');
  return jobs.map(({ body }) => /"q":("(?:[^"\\]|\\.)*")/.exec(body.split('\n', 1)[0]!)?.[1] ?? null);
}

describe('the group of a job', () => {
  test('is made of the data by its definition, or given by it', async () => {
    const { manager } = scene;
    await manager.push(OfData, { tenant: 'acme' });
    await manager.push(Fixed, {});
    await manager.push(OfData, { tenant: 'a "b"\\' });
    expect(await groups()).toEqual(['"acme"', '"imports"', '"a \\"b\\"\\\\"']);
  });

  test('may be none: then nothing is stored of it', async () => {
    const { manager } = scene;
    await manager.push(OfData, { tenant: undefined });
    await manager.push(OfData, {});
    const jobs = await scene.claim('mails');
    expect(jobs.map(({ body }) => body.split('\n', 1)[0])).toEqual(['hgroup-of-data', 'hgroup-of-data']);
  });

  test('is given by the push, whatever its definition says', async () => {
    const { manager } = scene;
    await manager.push(Fixed, {}, { group: 'a' });
    await manager.push(Throwing, {}, { group: 'b' });
    await manager.pushMany([jobSpec(OfData, { tenant: 'no' }, { group: 'c' })], { group: 'no' });
    await manager.pushMany(OfData, [{}], { group: 'd' });
    await manager.push(EmailJob, { to: 'ada' }, { queue: 'mails', group: 'x'.repeat(256) });
    await manager.later(OfData, {}, 0, { group: 'ä🚀' });
    expect(await groups()).toEqual(['"a"', '"b"', '"c"', '"d"', `"${'x'.repeat(256)}"`, '"ä🚀"']);
  });

  test.each([[''], ['x'.repeat(257)], ['a\nb'], [7], [null]])(
    'is refused before anything is written: %j',
    async (group) => {
      const { manager } = scene;
      const refused = { name: 'InvalidOptionError', code: 'ERR_INVALID_OPTION' };
      const pushes = [
        manager.push(Fixed, {}, { group: group as string }),
        manager.push(OfData, { tenant: group }),
        manager.pushMany([jobSpec(Fixed, {}), jobSpec(OfData, { tenant: group })]),
      ];
      for (const result of await Promise.allSettled(pushes)) {
        expect(result).toMatchObject({ status: 'rejected', reason: refused });
        expect(String((result as PromiseRejectedResult).reason)).toContain('group');
      }
      expect(() => defineJob('group-wrong', { group: group as string })).toThrow(InvalidOptionError);
      expect(await scene.claim('mails')).toEqual([]);
    },
  );

  test('is refused if its function throws, with the reason and the name of the job', async () => {
    await expect(scene.manager.push(Throwing, {})).rejects.toThrow(/group.*group-throwing.*no tenant/s);
    expect(await scene.claim('mails')).toEqual([]);
  });
});
