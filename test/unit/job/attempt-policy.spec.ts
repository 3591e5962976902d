import { describe, expect, it } from '@jest/globals';
import { AttemptPolicy, type OwnPolicy } from '../../../lib/job/attempt-policy.js';
import { InvalidOptionError } from '../../../lib/queue.errors.js';
import { DEFAULTS } from '../../../lib/queue.options.js';
import { thrower } from '../../support/thrower.js';

const module = { ...DEFAULTS.jobs, maxTries: 6, retryDelay: 60, timeout: 6, retryJitter: 0, maxRetryDelay: 100 };
const push = { maxTries: 2, retryDelay: 2, timeout: 2 };
const jobClass = { maxTries: 4, retryDelay: 4, timeout: 4 };
const own: OwnPolicy = { maxTries: () => 3, retryDelay: () => 3 };
const silent: OwnPolicy = { maxTries: () => undefined, retryDelay: () => undefined };

describe('AttemptPolicy', () => {
  const policy = new AttemptPolicy(module);
  const inRun = new AttemptPolicy(module, { maxTries: 5, timeout: 5 });

  it('takes the number of tries of the push, then of the job, of its class, of the run, and of the module', () => {
    expect(inRun.maxTries(push, jobClass, own)).toBe(2);
    expect(inRun.maxTries({}, jobClass, own)).toBe(3);
    expect(inRun.maxTries({}, jobClass, silent)).toBe(4);
    expect(inRun.maxTries({}, jobClass)).toBe(4);
    expect(inRun.maxTries({}, {}, silent)).toBe(5);
    expect(inRun.maxTries({})).toBe(5);
    expect(policy.maxTries({})).toBe(6);
  });

  it('does not ask the job for its number of tries if the push decides', () => {
    expect(policy.maxTries(push, jobClass, { ...own, maxTries: thrower(new Error('asked')) })).toBe(2);
  });

  it('takes the time for tries of the push, then of the class, and of the module, from when the job was first due', () => {
    const limited = new AttemptPolicy({ ...module, retryFor: 6 });
    const job = { attempt: 1, pushedAt: 1_000 };
    const left = (by: AttemptPolicy, pushed: object, ofClass: object, facts = {}): number | undefined =>
      by.retryTime({ ...job, ...facts }, pushed, ofClass, () => 2_000)?.left;
    expect(left(limited, { retryFor: 2 }, { retryFor: 4 })).toBe(1_000);
    expect(left(limited, {}, { retryFor: 4 })).toBe(3_000);
    expect(left(limited, {}, {})).toBe(5_000);
    expect(left(policy, {}, {})).toBeUndefined();
    expect(left(limited, { delay: 10 }, {})).toBe(15_000);
    expect(left(limited, { delay: 10 }, {}, { waitsSince: 1_500 })).toBe(5_500);
  });

  it.each<[string, object, number]>([
    ['exponential pauses', { retryDelay: 10 }, 20],
    ['exponential pauses at their limit, which may be shorter', { retryDelay: 60 }, 50],
    ['pauses of one length', { backoff: 'fixed' as const, retryDelay: 10 }, 10],
    ['a list', { backoff: [1, 5, 9] }, 5],
    ['a function, of which nothing is known before', { backoff: () => 10 }, 0],
  ])('knows the shortest pause that may follow: %s', (_, ofClass, seconds) => {
    const spread = new AttemptPolicy({ ...module, retryJitter: 0.5, retryFor: 100 });
    let now = 0;
    const time = spread.retryTime({ attempt: 2, pushedAt: 0 }, {}, ofClass, () => now)!;
    now = 100_000 - seconds * 1000;
    expect(time.isLast).toBe(false);
    now++;
    expect(time.isLast).toBe(true);
  });

  it('knows nothing of the pause of a job that decides about it, unless the push does', () => {
    const limited = new AttemptPolicy({ ...module, retryFor: 100 });
    const isLast = (pushed: object): boolean =>
      limited.retryTime({ attempt: 1, pushedAt: 0 }, pushed, {}, () => 99_000, true)!.isLast;
    expect(isLast({})).toBe(false);
    expect(isLast({ retryDelay: 2 })).toBe(true);
    expect(isLast({ backoff: [2] })).toBe(true);
  });

  it('refuses tries without an end', () => {
    const endless = { ...own, maxTries: () => Infinity };
    expect(() => policy.maxTries({}, {}, endless)).toThrow(InvalidOptionError);
    expect(policy.maxTries({ retryFor: 1 }, {}, endless)).toBe(Infinity);
    expect(policy.maxTries({}, { maxTries: Infinity, retryFor: 1 })).toBe(Infinity);
    expect(new AttemptPolicy({ ...module, retryFor: 5 }).maxTries({ maxTries: Infinity })).toBe(Infinity);
  });

  it('takes the number of releases of the push, then of the class, and of the module; there is no limit by default', () => {
    const limited = new AttemptPolicy({ ...module, maxReleases: 6 });
    const allowed = (pushed: object, ofClass: object, by = limited): number => {
      let releases = 0;
      while (releases < 9 && !by.releaseError({ id: 'a', releases }, pushed, ofClass)) releases++;
      return releases;
    };
    expect(allowed({ maxReleases: 2 }, { maxReleases: 4 })).toBe(2);
    expect(allowed({ maxReleases: 0 }, { maxReleases: 4 })).toBe(0);
    expect(allowed({}, { maxReleases: 4 })).toBe(4);
    expect(allowed({}, {})).toBe(6);
    expect(allowed({}, {}, policy)).toBe(9);
    expect(policy.releaseError({ id: 'a' }, { maxReleases: 1 })).toBeUndefined();
    expect(limited.releaseError({ id: 'a', releases: 7 }, {})).toMatchObject({ jobId: 'a', releases: 7 });
  });

  it('takes the timeout of the push, then of the class, of the run, and of the module', () => {
    expect(inRun.timeout(push, jobClass)).toBe(2);
    expect(inRun.timeout({}, jobClass)).toBe(4);
    expect(inRun.timeout({}, {})).toBe(5);
    expect(policy.timeout({}, {})).toBe(6);
  });

  it('treats a timeout of 0 as no timeout at each level', () => {
    expect(inRun.timeout({ timeout: 0 }, jobClass)).toBe(0);
    expect(inRun.timeout({}, { timeout: 0 })).toBe(0);
    expect(new AttemptPolicy(module, { timeout: 0 }).timeout({}, {})).toBe(0);
  });

  it('takes the pause of the push, then of the job, of its class, and of the module', () => {
    expect(policy.pause(1, push, jobClass, 3)).toBe(2);
    expect(policy.pause(1, {}, jobClass, 3)).toBe(3);
    expect(policy.pause(1, {}, jobClass)).toBe(4);
    expect(policy.pause(1, {})).toBe(60);
  });

  it('doubles the pause with each attempt, up to the longest pause of the module', () => {
    expect([1, 2, 3, 9].map((attempt) => policy.pause(attempt, {}, jobClass))).toEqual([4, 8, 16, 100]);
  });

  it('takes the backoff of the push, then of the class, and of the module', () => {
    const listed = new AttemptPolicy({ ...module, backoff: [7, 8] });
    const pauses = (...options: [object, object?]) => [1, 2, 3].map((attempt) => listed.pause(attempt, ...options));
    expect(pauses({})).toEqual([7, 8, 8]);
    expect(pauses({}, { backoff: 'fixed', retryDelay: 4 })).toEqual([4, 4, 4]);
    expect(pauses({ backoff: [1] }, { backoff: 'fixed' })).toEqual([1, 1, 1]);
    expect(pauses({ backoff: 'exponential' }, { backoff: [1], retryDelay: 4 })).toEqual([4, 8, 16]);
    expect(policy.backoff({}, {})).toBe('exponential');
  });

  it('limits only exponential backoff by the longest pause', () => {
    const limited = new AttemptPolicy({ ...module, maxRetryDelay: 10 });
    expect(limited.pause(1, { backoff: 'exponential', retryDelay: 60 })).toBe(10);
    expect(limited.pause(1, { backoff: 'fixed', retryDelay: 60 })).toBe(60);
    expect(limited.pause(1, { backoff: [60] })).toBe(60);
  });

  it('takes a list in the place of retryDelay and of the answer of the job', () => {
    expect(policy.pause(1, { retryDelay: 2 }, { backoff: [9] }, 3)).toBe(9);
  });

  it('spreads fixed pauses and those of a list', () => {
    const spread = new AttemptPolicy({ ...module, retryJitter: 0.5 });
    for (const backoff of ['fixed', [60]] as const) {
      const pauses = Array.from({ length: 50 }, () => spread.pause(3, { backoff, retryDelay: 60 }));
      expect(Math.min(...pauses)).toBeGreaterThanOrEqual(60);
      expect(Math.max(...pauses)).toBeLessThanOrEqual(90);
      expect(new Set(pauses).size).toBeGreaterThan(10);
    }
  });

  it('takes the longest pause and the spread of the push, then of the class, and of the module', () => {
    expect(policy.pause(9, { maxRetryDelay: 7 }, { maxRetryDelay: 8 })).toBe(7);
    expect(policy.pause(9, {}, { maxRetryDelay: 8 })).toBe(8);
    expect(policy.pause(9, {}, {})).toBe(100);
    const spread = new AttemptPolicy({ ...module, retryJitter: 0.5 });
    expect(spread.pause(1, { retryDelay: 4, retryJitter: 0 }, { retryJitter: 0.5 })).toBe(4);
    expect(spread.pause(1, {}, { retryDelay: 4, retryJitter: 0 })).toBe(4);
  });

  it('spreads the pause as far as the module says', () => {
    const spread = new AttemptPolicy({ ...module, retryJitter: 0.5 });
    const pauses = Array.from({ length: 50 }, () => spread.pause(1, push));
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(3);
    expect(new Set(pauses).size).toBeGreaterThan(10);
  });
});
