import { describe, expect, it, jest } from '@jest/globals';
import { JobContext, JobControl } from '../../../lib/job/job-context.js';
import { InvalidDelayError } from '../../../lib/queue.errors.js';

const facts = { id: 'a', name: 'SendEmailJob', queue: 'mail', attempt: 2, fence: 17, pushedAt: 1_700_000_000_123 };

function given(): { control: JobControl; job: JobContext } {
  const control = new JobControl(5);
  return { control, job: new JobContext(facts, control) };
}

describe('JobContext', () => {
  it('tells the facts of the attempt', () => {
    const { job } = given();
    expect(job).toMatchObject({ id: 'a', name: 'SendEmailJob', queue: 'mail', attempt: 2, fence: 17, maxTries: 5 });
    expect(job.pushedAt).toEqual(new Date(1_700_000_000_123));
  });

  it('tells the number of tries that is known by then', () => {
    const { control, job } = given();
    control.maxTries = 7;
    expect(job.maxTries).toBe(7);
  });

  it('does not let its date be changed', () => {
    const { job } = given();
    job.pushedAt.setTime(0);
    expect(job.pushedAt.getTime()).toBe(1_700_000_000_123);
  });

  it('shows the signal', () => {
    const { control, job } = given();
    expect(job.signal.aborted).toBe(false);
    control.abort(new Error('too long'));
    expect(job.signal.aborted).toBe(true);
    expect(job.signal.reason).toMatchObject({ message: 'too long' });
  });

  it.each([
    [undefined, 0],
    [0, 0],
    [1.5, 1.5],
    ['5m', 300],
  ])('asks to be put back after %p', (delay, seconds) => {
    const { control, job } = given();
    job.release(delay);
    expect(control.verdict).toEqual({ kind: 'release', delay: seconds });
  });

  it.each([-1, Number.NaN, 1e12, 'soon', null as unknown as number])('refuses to be put back after %p', (delay) => {
    const { control, job } = given();
    expect(() => job.release(delay)).toThrow(InvalidDelayError);
    expect(control.verdict).toBeUndefined();
  });

  it('asks to fail', () => {
    const { control, job } = given();
    const error = new Error('no');
    job.fail(error);
    expect(control.verdict).toEqual({ kind: 'fail', error });
  });

  it('shows only the facts when it is written as JSON', () => {
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
  it('has asked for nothing at first', () => {
    const control = new JobControl(3);
    expect(control.maxTries).toBe(3);
    expect(control.verdict).toBeUndefined();
    expect(control.aborted).toBeUndefined();
    expect(control.signal.aborted).toBe(false);
  });

  it('gives the same signal each time', () => {
    const control = new JobControl(3);
    expect(control.signal).toBe(control.signal);
  });

  it('aborts the signal that was looked at before', () => {
    const control = new JobControl(3);
    const listener = jest.fn();
    control.signal.addEventListener('abort', listener);
    const reason = new Error('too long');
    control.abort(reason);
    expect(listener).toHaveBeenCalledTimes(1);
    expect(control.signal.reason).toBe(reason);
    expect(control.aborted).toBe(reason);
  });

  it('has aborted the signal that is looked at later', () => {
    const control = new JobControl(3);
    const reason = new Error('too long');
    control.abort(reason);
    expect(control.signal.aborted).toBe(true);
    expect(control.signal.reason).toBe(reason);
  });

  it('aborts once: the first reason counts', () => {
    const control = new JobControl(3);
    const first = new Error('first');
    control.abort(first);
    control.abort(new Error('second'));
    expect(control.aborted).toBe(first);
    expect(control.signal.reason).toBe(first);
  });

  it('keeps what was asked for last', () => {
    const control = new JobControl(3);
    control.release(5);
    expect(control.verdict).toEqual({ kind: 'release', delay: 5 });
    const error = new Error('no');
    control.fail(error);
    expect(control.verdict).toEqual({ kind: 'fail', error });
    control.release(0);
    expect(control.verdict).toEqual({ kind: 'release', delay: 0 });
  });

  it('makes an error of whatever it is to fail with', () => {
    const control = new JobControl(3);
    control.fail('no luck');
    expect(control.verdict).toMatchObject({ kind: 'fail', error: { message: 'no luck' } });
  });
});
