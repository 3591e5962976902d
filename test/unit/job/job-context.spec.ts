import { inspect } from 'node:util';
import { describe, expect, it, jest } from '@jest/globals';
import { JobContext, JobControl } from '../../../lib/job/job-context.js';
import { RetryTime } from '../../../lib/job/retry-time.js';
import { InvalidDelayError, InvalidOptionError } from '../../../lib/queue.errors.js';

const stored = { id: 'a', attempt: 2, fence: 17, pushedAt: 1_700_000_000_123 };
const facts = { name: 'SendEmailJob', queue: 'mail', job: stored };

function given(): { control: JobControl; job: JobContext } {
  const control = new JobControl(5);
  return { control, job: new JobContext(facts, control) };
}

describe('JobContext', () => {
  it('has the facts of the attempt', () => {
    const { job } = given();
    expect(job).toMatchObject({ id: 'a', name: 'SendEmailJob', queue: 'mail', attempt: 2, fence: 17, maxTries: 5 });
    expect(job.pushedAt).toEqual(new Date(1_700_000_000_123));
  });

  it('has the current number of tries if that changes during the attempt', () => {
    const { control, job } = given();
    control.maxTries = 7;
    expect(job.maxTries).toBe(7);
  });

  it.each([
    [1, false],
    [2, true],
    [3, true],
  ])('in attempt %d of 2 says if it is the last one: %p', (attempt, isLast) => {
    const control = new JobControl(2);
    expect(new JobContext({ ...facts, job: { ...stored, attempt } }, control).isLastTry).toBe(isLast);
  });

  it('says that it is the last try if the next one would begin after the end of its time', () => {
    let now = 0;
    const retryTime = new RetryTime(
      100,
      () => now,
      () => 60,
    );
    const job = new JobContext({ ...facts, retryTime }, new JobControl(Infinity));
    expect(job.isLastTry).toBe(false);
    now = 40;
    expect(job.isLastTry).toBe(false);
    now = 41;
    expect(job.isLastTry).toBe(true);
  });

  it('says how often the job was released: 0 for a job that was never', () => {
    expect(given().job.releases).toBe(0);
    expect(new JobContext({ ...facts, job: { ...stored, releases: 2 } }, new JobControl(1)).releases).toBe(2);
  });

  it('keeps its date if a handler changes the returned Date', () => {
    const { job } = given();
    job.pushedAt.setTime(0);
    expect(job.pushedAt.getTime()).toBe(1_700_000_000_123);
  });

  it('returns the signal of its JobControl', () => {
    const { control, job } = given();
    expect(job.signal.aborted).toBe(false);
    control.abort(new Error('too long'));
    expect(job.signal.aborted).toBe(true);
    expect(job.signal.reason).toMatchObject({ message: 'too long' });
  });

  it('lets any number of listeners wait for its signal, without the warning of a leak', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): unknown => warnings.push(warning);
    process.on('warning', note);
    const { job } = given();
    for (let count = 0; count < 100; count++) job.signal.addEventListener('abort', () => undefined);
    await new Promise(setImmediate);
    process.off('warning', note);
    expect(warnings).toEqual([]);
  });

  it('has the data, without showing it', () => {
    const job = new JobContext(facts, new JobControl(1), { to: 'ada' });
    expect(job.data).toEqual({ to: 'ada' });
    expect(JSON.stringify(job)).not.toContain('ada');
    expect(inspect(job)).not.toContain('ada');
  });

  it.each([
    [undefined, 0],
    [0, 0],
    [1.5, 1.5],
    ['5m' as const, 300],
  ])('requests a release after %p', (delay, seconds) => {
    const { control, job } = given();
    job.release(delay);
    expect(control.verdict).toEqual({ kind: 'release', delay: seconds });
  });

  it.each(['queue', 'group'] as const)('requests a release that holds its %s back', (hold) => {
    const { control, job } = given();
    job.release('30s', { hold });
    expect(control.verdict).toEqual({ kind: 'release', delay: 30, hold });
  });

  it.each([{ hold: 'all' }, { hold: true }, { holds: 'queue' }, 'queue', null])(
    'rejects a release with the invalid options %p',
    (options) => {
      const { control, job } = given();
      expect(() => job.release(1, options as never)).toThrow(InvalidOptionError);
      expect(control.verdict).toBeUndefined();
    },
  );

  it.each([-1, Number.NaN, 1e12, 'soon' as never, null as unknown as number])(
    'rejects a release with the invalid delay %p',
    (delay) => {
      const { control, job } = given();
      expect(() => job.release(delay)).toThrow(InvalidDelayError);
      expect(control.verdict).toBeUndefined();
    },
  );

  it('requests the failure of the job', () => {
    const { control, job } = given();
    const error = new Error('no');
    job.fail(error);
    expect(control.verdict).toEqual({ kind: 'fail', error });
  });

  it('contains only the facts of the attempt when it is written as JSON', () => {
    const { job } = given();
    expect(JSON.parse(JSON.stringify(job))).toEqual({
      id: 'a',
      name: 'SendEmailJob',
      queue: 'mail',
      attempt: 2,
      fence: 17,
    });
  });
});

describe('JobControl', () => {
  it('has no request of the handler at first', () => {
    const control = new JobControl(3);
    expect(control.maxTries).toBe(3);
    expect(control.verdict).toBeUndefined();
    expect(control.aborted).toBeUndefined();
    expect(control.signal.aborted).toBe(false);
  });

  it('returns the same signal at each read', () => {
    const control = new JobControl(3);
    expect(control.signal).toBe(control.signal);
  });

  it('aborts a signal that was read before the abort', () => {
    const control = new JobControl(3);
    const listener = jest.fn();
    control.signal.addEventListener('abort', listener);
    const reason = new Error('too long');
    control.abort(reason);
    expect(listener).toHaveBeenCalledTimes(1);
    expect(control.signal.reason).toBe(reason);
    expect(control.aborted).toBe(reason);
  });

  it('returns an aborted signal if it is read after the abort', () => {
    const control = new JobControl(3);
    const reason = new Error('too long');
    control.abort(reason);
    expect(control.signal.aborted).toBe(true);
    expect(control.signal.reason).toBe(reason);
  });

  it('keeps the first reason if it is aborted twice', () => {
    const control = new JobControl(3);
    const first = new Error('first');
    control.abort(first);
    control.abort(new Error('second'));
    expect(control.aborted).toBe(first);
    expect(control.signal.reason).toBe(first);
  });

  it('keeps the last request of the handler', () => {
    const control = new JobControl(3);
    control.release(5);
    expect(control.verdict).toEqual({ kind: 'release', delay: 5 });
    const error = new Error('no');
    control.fail(error);
    expect(control.verdict).toEqual({ kind: 'fail', error });
    control.release(0);
    expect(control.verdict).toEqual({ kind: 'release', delay: 0 });
  });

  it('converts the reason of a failure to an Error', () => {
    const control = new JobControl(3);
    control.fail('no luck');
    expect(control.verdict).toMatchObject({ kind: 'fail', error: { message: 'no luck' } });
  });
});
